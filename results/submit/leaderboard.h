// The leaderboard: what each hardware does on each point of the suite, over all who published.
#ifndef INFEROMETER_RESULTS_SUBMIT_LEADERBOARD_H_
#define INFEROMETER_RESULTS_SUBMIT_LEADERBOARD_H_

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "results/submit/tiers.h"

namespace inferometer {

// A line of the leaderboard. `value` is the median over keys of each key's median: several results
// of one key are one voice.
struct Standing {
  std::string hardware, device, model, quant, point, metric, unit, better;
  bool software = false;
  double value = 0;
  std::size_t results = 0, keys = 0;
  TrustTier tier = TrustTier::kSelfReported;
  std::size_t rank = 0;  // among the same model, quant, point, metric and software; ties share one
};

// Takes rows of export.h one after the other; what it keeps of each is a number. Rows that are
// flagged as errors do not count.
class Leaderboard {
 public:
  void Add(const nlohmann::json& row);
  // Sorted by model, quant, point, metric, software, rank, hardware, device.
  std::vector<Standing> Standings() const;

 private:
  struct Group {
    Standing standing;
    std::map<std::string, std::vector<double>> by_key;
  };
  std::map<std::string, Group> groups_;
  std::set<std::string> maintainers_;
};

std::vector<Standing> Standings(const std::vector<nlohmann::json>& rows);

std::string StandingsCsv(const std::vector<Standing>& standings);
std::string StandingsMarkdown(const std::vector<Standing>& standings);

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_SUBMIT_LEADERBOARD_H_
