// A result beside itself and beside those that are published: copies, and outliers among peers.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "harness/stats/median.h"
#include "harness/stats/spread.h"
#include "results/submit/checks.h"
#include "results/submit/subject.h"

namespace inferometer {
namespace {

constexpr double kMostMads = 4;
constexpr std::size_t kFewestPeers = 5;
// Peers that agree to the last digit still leave room for a per cent.
constexpr double kLeastMad = 0.0025;

std::string RowPath(std::size_t i) { return fmt::format("records[{}].samples", i); }

// The largest share of the samples that stand there a second time.
double RepeatedShare(std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  std::size_t repeated = 0;
  for (std::size_t i = 1; i < samples.size(); ++i) repeated += samples[i] == samples[i - 1] ? 1 : 0;
  return samples.empty() ? 0 : static_cast<double>(repeated) / static_cast<double>(samples.size());
}

}  // namespace

void CheckCopies(const Result& result, const Archive& archive, Findings& findings) {
  if (const PublishedResult* other = archive.FindRun(result.run.value("id", ""))) {
    const bool same_key = other->public_key == PublisherOf(result);
    findings.push_back(MakeFinding(
        "already_published", "run.id",
        fmt::format("is {}, by {} key", other->file, same_key ? "the same" : "another")));
  }
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < result.records.size(); ++i) {
    const Record& record = result.records[i];
    const std::string print = PrintOfSamples(record);
    const bool rate = record.metric == "decode_rate" || record.metric == "prefill_rate";
    if (rate && record.samples.size() >= 4 && RepeatedShare(record.samples) >= 0.5) {
      findings.push_back(MakeFinding("copied_samples", RowPath(i), "half of them stand twice"));
    }
    if (print.empty()) continue;
    const auto [first, is_new] = seen.emplace(print, i);
    if (!is_new) {
      findings.push_back(MakeFinding("copied_samples", RowPath(i),
                                     fmt::format("are those of records[{}]", first->second)));
    }
    if (const PublishedResult* other = archive.FindPrint(print)) {
      findings.push_back(MakeFinding("already_published", RowPath(i),
                                     fmt::format("are those of {}", other->file)));
    }
  }
}

void CheckPeers(const Result& result, const Archive& archive, Findings& findings) {
  for (std::size_t i = 0; i < result.records.size(); ++i) {
    const Record& record = result.records[i];
    if (record.status != Status::kOk || !(record.median > 0) || !IsOfTimes(record)) continue;
    std::vector<double> logs;
    for (const double peer : archive.PeersOf(SubjectOf(result, record))) {
      if (peer > 0) logs.push_back(std::log(peer));
    }
    if (logs.size() < kFewestPeers) continue;
    const double distance = std::abs(std::log(record.median) - Median(logs));
    const double mad = std::max(Mad(logs), kLeastMad);
    if (distance > kMostMads * mad) {
      findings.push_back(MakeFinding(
          "peers", fmt::format("records[{}].median", i),
          fmt::format("is {:.4g}, {:.1f} MAD from {:.4g}, the median of {} results", record.median,
                      distance / mad, std::exp(Median(logs)), logs.size())));
    }
  }
}

}  // namespace inferometer
