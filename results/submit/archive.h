// The results that are published already, as far as new ones are held against them.
#ifndef INFEROMETER_RESULTS_SUBMIT_ARCHIVE_H_
#define INFEROMETER_RESULTS_SUBMIT_ARCHIVE_H_

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "results/record.h"

namespace inferometer {

// A row of a published result that is ok.
struct PublishedRow {
  std::string subject;  // SubjectOf
  double median = 0;
};

struct PublishedResult {
  std::string file;  // "2026/05/0123456789abcdef.json"
  std::string run_id, public_key;
  std::vector<PublishedRow> rows;
  std::set<std::string> prints;  // PrintOfSamples
};

class Archive {
 public:
  // All results below `folder`, except those of `without`. Throws Error(kInvalidInput) for a file
  // that is not a result; an absent folder is an empty archive.
  static Archive Read(const std::string& folder, const std::set<std::string>& without = {});

  void Add(PublishedResult result);
  const std::vector<PublishedResult>& results() const { return results_; }
  const PublishedResult* FindRun(const std::string& run_id) const;
  const PublishedResult* FindPrint(const std::string& print) const;
  // Medians of that subject, one for each key: of a key with several results the latest.
  std::vector<double> PeersOf(const std::string& subject) const;

 private:
  std::vector<PublishedResult> results_;
  std::map<std::string, std::size_t> runs_, prints_;
  std::map<std::string, std::map<std::string, double>> peers_;
};

PublishedResult Summarise(const std::string& file, const Result& result);

// Files that end in .json below a folder, as paths relative to it, sorted.
std::vector<std::string> ResultFiles(const std::string& folder);

// "RW..." of the result's publisher; empty when it names none.
std::string PublisherOf(const Result& result);

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_SUBMIT_ARCHIVE_H_
