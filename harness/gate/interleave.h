// `ab`: two arms run in turn, in two stages, until each row has its verdict.
#ifndef INFEROMETER_HARNESS_GATE_INTERLEAVE_H_
#define INFEROMETER_HARNESS_GATE_INTERLEAVE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/gate/findings.h"
#include "harness/gate/policy.h"
#include "results/record.h"

namespace inferometer {

enum class Side : std::uint8_t { kBase, kHead };

// What one run is to measure.
struct Scope {
  std::set<std::string> workloads;   // empty: all
  std::vector<std::string> devices;  // pinned, so that either arm uses the same; empty: as it likes
  int threads = 0;                   // likewise
};

// What the interleaving needs of the world.
struct Arms {
  // One run in a fresh process. Throws Error: kRunFailed for a crash, kTimeLimit for a hang,
  // kInvalidInput for an answer that is no result.
  std::function<Result(Side, const Scope&)> run;
  // Seconds that each fixed kernel takes now, by name.
  std::function<std::map<std::string, double>()> control;
  std::function<double()> now;  // s
  std::function<bool()> stop;
  std::function<void(std::string_view)> tell;  // a line about what happens next
};

// The numbers of one stage.
struct Stage {
  std::map<std::string, std::vector<double>> worse;       // by row: a log ratio for each pair
  std::map<std::string, std::vector<double>> base, head;  // and the medians of the runs
  std::vector<Control> controls;
  std::size_t pairs = 0;
  std::string cut_short;  // why it ended early; empty when it did not
};

// What pins later runs to the devices and the number of threads of this one.
Scope ScopeOf(const Result& result);

// Pairs in ABBA order. The control is timed right before and right after each run. A stage whose
// control certainly moved by more than the limit is discarded and measured again, up to the
// policy's retries: the decision looks at the control alone, so it favours neither verdict.
Stage MeasureStage(const Arms& arms, const Policy& policy, const Scope& scope, std::size_t pairs,
                   double deadline_s, std::vector<std::string>& notes);

// First one uncounted run of each arm, which tells what can be compared and on which devices; then
// `policy.pairs` pairs of everything; then `policy.confirm_pairs` fresh ones of the workloads with
// suspects. Only numbers of the second stage make a regression. Throws what an arm throws.
Findings Interleave(const Arms& arms, const Policy& policy);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_GATE_INTERLEAVE_H_
