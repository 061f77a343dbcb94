// The suite: its presets and its tiers of models, as plain tables.
#ifndef INFEROMETER_HARNESS_RUNNER_SUITE_H_
#define INFEROMETER_HARNESS_RUNNER_SUITE_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace inferometer {

struct Preset {
  std::string_view name, help;
  double budget_s;        // of the whole run, unless --time-budget says otherwise
  std::string_view tier;  // the largest tier that it takes by itself
  double wait_s;          // most that it waits for the machine to settle before measuring
  std::size_t fewest;     // repetitions of a case, however soon its interval is narrow
};

std::span<const Preset> Presets();
const Preset* FindPreset(std::string_view name);  // null when unknown

struct Tier {
  std::string_view name, model, quant, help;
};

std::span<const Tier> Tiers();  // smallest first

// The quant that the suite runs a model of the catalogue in.
std::string_view SuiteQuant(std::string_view model);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_SUITE_H_
