// How far a published row can be trusted, and what maintainers have remarked about a result.
#ifndef INFEROMETER_RESULTS_SUBMIT_TIERS_H_
#define INFEROMETER_RESULTS_SUBMIT_TIERS_H_

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer {

enum class Tier : std::uint8_t {
  kSelfReported,
  kCorroborated,  // three keys agree within 10 %
  kReproduced,    // a maintainer's key agrees within 10 %
};

std::string_view NameOf(Tier tier);  // "self-reported", "corroborated", "reproduced"

// A remark about a published result: shown beside it. `error` takes it out of ranks and tiers.
struct Flag {
  std::string file;  // below results/public
  bool error = false;
  std::string reason;
};

// results/flags.json and results/maintainers.json beside the folder of results; none where a file
// is absent. Throw Error(kInvalidInput).
std::vector<Flag> ReadFlags(const std::string& path);
std::set<std::string> ReadMaintainers(const std::string& path);  // public keys

// One row of those that measure the same thing.
struct Claim {
  std::string public_key;
  double median = 0;
  bool counts = true;  // false: flagged as an error
};

// The tier of a value that the claims speak for or against. Keys are counted, not results: several
// results of one key are one voice.
Tier TierOf(double value, const std::vector<Claim>& claims,
            const std::set<std::string>& maintainers);

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_SUBMIT_TIERS_H_
