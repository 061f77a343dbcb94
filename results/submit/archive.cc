// The results that are published already.
#include "results/submit/archive.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "results/json.h"
#include "results/submit/subject.h"

namespace inferometer {

std::vector<std::string> ResultFiles(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code failed;
  for (auto entry = std::filesystem::recursive_directory_iterator(folder, failed);
       !failed && entry != std::filesystem::recursive_directory_iterator();
       entry.increment(failed)) {
    if (entry->is_regular_file() && entry->path().extension() == ".json") {
      files.push_back(entry->path().lexically_relative(folder).generic_string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string PublisherOf(const Result& result) {
  const nlohmann::json::json_pointer at("/publisher/public_key");
  return result.run.contains(at) && result.run[at].is_string() ? result.run[at].get<std::string>()
                                                               : std::string();
}

PublishedResult Summarise(const std::string& file, const Result& result) {
  PublishedResult summary{.file = file,
                          .run_id = result.run.value("id", ""),
                          .public_key = PublisherOf(result),
                          .rows = {},
                          .prints = {}};
  for (const Record& record : result.records) {
    if (record.status != Status::kOk) continue;
    summary.rows.push_back({SubjectOf(result, record), record.median});
    if (std::string print = PrintOfSamples(record); !print.empty()) {
      summary.prints.insert(std::move(print));
    }
  }
  return summary;
}

void Archive::Add(PublishedResult result) {
  const std::size_t index = results_.size();
  runs_.emplace(result.run_id, index);
  for (const std::string& print : result.prints) prints_.emplace(print, index);
  for (const PublishedRow& row : result.rows) {
    peers_[row.subject].insert_or_assign(result.public_key, row.median);
  }
  results_.push_back(std::move(result));
}

Archive Archive::Read(const std::string& folder, const std::set<std::string>& without) {
  Archive archive;
  for (const std::string& file : ResultFiles(folder)) {
    if (without.contains(file)) continue;
    const std::string path = (std::filesystem::path(folder) / file).string();
    const nlohmann::json document = ParseJson(ReadText(path), path);
    try {
      archive.Add(Summarise(file, FromJson(document)));
    } catch (const Error& error) {
      throw Error(error.code(), "'" + path + "': " + error.what());
    }
  }
  return archive;
}

const PublishedResult* Archive::FindRun(const std::string& run_id) const {
  const auto found = runs_.find(run_id);
  return found == runs_.end() ? nullptr : &results_[found->second];
}

const PublishedResult* Archive::FindPrint(const std::string& print) const {
  const auto found = prints_.find(print);
  return found == prints_.end() ? nullptr : &results_[found->second];
}

std::vector<double> Archive::PeersOf(const std::string& subject) const {
  std::vector<double> medians;
  const auto found = peers_.find(subject);
  if (found == peers_.end()) return medians;
  for (const auto& [key, median] : found->second) medians.push_back(median);
  return medians;
}

}  // namespace inferometer
