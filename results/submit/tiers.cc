// Tiers of trust.
#include "results/submit/tiers.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "harness/base/file.h"
#include "results/json.h"

namespace inferometer {
namespace {

constexpr double kAgreement = 0.10;
constexpr std::size_t kKeys = 3;

bool Agree(double a, double b) {
  return a > 0 && b > 0 && std::abs(a - b) <= kAgreement * std::min(a, b);
}

}  // namespace

std::string_view NameOf(Tier tier) {
  switch (tier) {
    case Tier::kReproduced:
      return "reproduced";
    case Tier::kCorroborated:
      return "corroborated";
    case Tier::kSelfReported:
      break;
  }
  return "self-reported";
}

std::vector<Flag> ReadFlags(const std::string& path) {
  std::vector<Flag> flags;
  if (!std::filesystem::exists(path)) return flags;
  const nlohmann::json document = ParseJson(ReadText(path), path);
  for (const JsonValue& item : JsonValue(document)["flags"].Items()) {
    const std::string& severity = item["severity"].String();
    if (severity != "error" && severity != "note") {
      item["severity"].Fail("expected 'error' or 'note'");
    }
    flags.push_back({item["file"].String(), severity == "error", item["reason"].String()});
  }
  return flags;
}

std::set<std::string> ReadMaintainers(const std::string& path) {
  std::set<std::string> keys;
  if (!std::filesystem::exists(path)) return keys;
  const nlohmann::json document = ParseJson(ReadText(path), path);
  for (const JsonValue& item : JsonValue(document)["keys"].Items()) {
    keys.insert(item["public_key"].String());
  }
  return keys;
}

Tier TierOf(double value, const std::vector<Claim>& claims,
            const std::set<std::string>& maintainers) {
  std::set<std::string> keys;
  bool reproduced = false;
  for (const Claim& claim : claims) {
    if (!claim.counts || !Agree(claim.median, value)) continue;
    keys.insert(claim.public_key);
    reproduced = reproduced || maintainers.contains(claim.public_key);
  }
  if (reproduced) return Tier::kReproduced;
  return keys.size() >= kKeys ? Tier::kCorroborated : Tier::kSelfReported;
}

}  // namespace inferometer
