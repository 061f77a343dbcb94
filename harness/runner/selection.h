// What a request means: preset, budget, models, workloads.
#ifndef INFEROMETER_HARNESS_RUNNER_SELECTION_H_
#define INFEROMETER_HARNESS_RUNNER_SELECTION_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/runner/run.h"
#include "harness/runner/suite.h"
#include "harness/workloads/workload.h"
#include "models/model.h"

namespace inferometer {

struct SelectedCase {
  const Workload* workload = nullptr;
  Case point;
  std::string why_not;  // not empty: the model cannot run it, and why
};

struct Selection {
  const Preset* preset = nullptr;
  double budget_s = 0;
  std::vector<SelectedCase> cases;
  bool ceilings_only = false;  // `--workload ceilings`
};

// Throws Error(kUsage) with the nearest name for an unknown preset or workload, and for a budget
// or a length that is not positive. A workload that is named but has no case in the preset runs its
// cases of "standard", or else of "extended". What workloads last longer than in the preset is
// added to the preset's budget.
Selection Select(const RunRequest& request);

// A standard name (weights synthesised, `quant` empty: the suite's) or a GGUF file. Throws
// Error(kUsage) with the nearest name, Error(kInvalidInput) for a bad file.
Model OpenNamed(const std::string& name, const std::string& quant, std::uint64_t seed);

// The format that most bytes of the model's matrices are stored as.
QuantId MainFormat(const Model& model);

// What a run has room for.
struct Room {
  std::size_t devices = 1;
  std::optional<std::uint64_t> available_bytes;  // of memory; empty: unknown
  std::uint64_t probe_bytes = 0;                 // of a device's ceilings
};

// The tokens of a cache that a case needs.
std::int64_t PositionsOf(const SelectedCase& c);

// The cases as a model can run them. Those that need more positions than its context has, or than
// the memory has room for, run with fewer where their workload can, and say so in their params;
// where it cannot they have a why_not.
std::vector<SelectedCase> FitCases(const std::vector<SelectedCase>& cases, const Model& model,
                                   const Room& room);

// Bytes that measuring takes: for each device the weights with a tenth for repacking, caches and
// activations of every session, and the ceilings' buffers; once more the weights for the reference,
// or for a load.
std::uint64_t NeededMemory(const Model& model, const std::vector<SelectedCase>& cases,
                           const Room& room);

// Seconds for one repetition of every case, and for filling the caches before, by `seconds_of` the
// work; and of the cases that are run once.
struct Estimate {
  double round_s = 0, fill_s = 0, lasts_s = 0;
};
Estimate EstimateOf(const std::vector<SelectedCase>& cases, const Model& model,
                    const std::function<double(const Work&)>& seconds_of);

// The name of the default model: of the tiers up to the preset's the largest that fits the memory,
// and whose cases can all run four times within most of the budget, by `seconds_of` the work; the
// smallest where none does.
std::string DefaultModel(const Selection& selection, const Room& room,
                         const std::function<double(const Work&)>& seconds_of);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_SELECTION_H_
