// The main job: benchmark this device.
#ifndef INFEROMETER_HARNESS_RUNNER_RUN_H_
#define INFEROMETER_HARNESS_RUNNER_RUN_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "results/record.h"

namespace inferometer {

struct RunRequest {
  std::string preset = "standard";     // quick, standard, extended, leaderboard
  std::vector<std::string> backends;   // empty: all
  std::vector<std::string> devices;    // ids; empty: the fastest CPU kernel set and every real GPU
  std::vector<std::string> models;     // names or GGUF files; empty: the default tier
  std::string quant;                   // empty: the suite's for each model
  std::vector<std::string> workloads;  // empty: the preset's
  int threads = 0;                     // 0: one per physical core
  std::optional<double> time_budget_s;
  std::optional<double> sustained_minutes;  // of the workloads that last; empty: the suite's
  std::uint64_t seed = 1;
  bool wait = true;    // for the machine to settle before measuring, and to cool down between cases
  bool energy = true;  // count joules where something does
  bool profile = false;    // after measuring, time the parts of steps
  std::string gpu_helper;  // SystemRoot::gpu_helper (probes/probe.h): who asks the GPU drivers
  std::size_t most_repetitions = 100;  // of a case, and of its warm-up, whatever is known by then
};

// What the run is doing, for whoever shows it. Called from the runner's thread, never while a plan
// is being timed.
struct Progress {
  std::string phase;        // "wait", "idle", "upload", "conformance", "ceilings", "cool-down" ...
  std::string what;         // "decode llama-3.2-1b q4_k_m, depth 2048 on cpu:avx2"
  int done = 0, total = 0;  // cases
  int repetition = 0;       // of the current case
  std::optional<double> median;  // so far, in `unit`
  std::string unit;
  double elapsed_s = 0;
  std::optional<double> eta_s;  // until the end of the run
};
using OnProgress = std::function<void(const Progress&)>;

// Throws Error(kUsage) for names it does not know, with the nearest one, before anything is
// measured, and Error(kInvalidInput) for a bad file. Failures of single cases become rows. When
// `stop` turns true the run ends after the current repetition and is marked incomplete.
Result Run(const RunRequest& request, const OnProgress& progress,
           const std::function<bool()>& stop);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_RUN_H_
