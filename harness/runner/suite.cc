// The tables of presets and tiers.
#include "harness/runner/suite.h"

#include <algorithm>
#include <iterator>

namespace inferometer {
namespace {

constexpr Preset kPresets[] = {
    {"quick", "a first answer in under a minute", 25, "tiny", 1.25, 5},
    {"standard", "the default: load, prefill, decode, a second turn, a spoken turn", 240, "small",
     9, 5},
    {"extended", "every point of every workload", 1200, "small", 30, 5},
    {"leaderboard", "standard on a quiet machine, at least 10 repetitions", 600, "small", 30, 10},
};

constexpr Tier kTiers[] = {
    {"tiny", "smollm2-135m", "q8_0", "phones, CI, --preset quick"},
    {"small", "llama-3.2-1b", "q4_k_m", "the default"},
    {"medium", "llama-3.2-3b", "q4_k_m", "laptops"},
    {"large", "llama-3.1-8b", "q4_k_m", "desktops"},
    {"moe", "qwen3-30b-a3b", "q4_k_m", "machines with memory and little bandwidth"},
};

}  // namespace

std::span<const Preset> Presets() { return kPresets; }

const Preset* FindPreset(std::string_view name) {
  const auto found = std::find_if(std::begin(kPresets), std::end(kPresets),
                                  [name](const Preset& preset) { return preset.name == name; });
  return found == std::end(kPresets) ? nullptr : found;
}

std::span<const Tier> Tiers() { return kTiers; }

std::string_view SuiteQuant(std::string_view model) {
  for (const Tier& tier : kTiers) {
    if (tier.model == model) return tier.quant;
  }
  return "q4_k_m";
}

}  // namespace inferometer
