// Doubts about a run that can be decided from what was seen, each with a remedy.
#ifndef INFEROMETER_HARNESS_RUNNER_WARNINGS_H_
#define INFEROMETER_HARNESS_RUNNER_WARNINGS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/runner/heat.h"
#include "harness/runner/machine.h"
#include "results/record.h"

namespace inferometer {

struct Circumstances {
  double timer_step_s = 0;
  double shortest_s = 0;  // the shortest repetition that was timed; 0: none
  std::optional<CpuShares> shares;
  bool debug_build = false;
  std::string hypervisor;                      // empty: none, or unknown
  Heat heat_before, heat_after;                // after the start gate, and at the end
  std::vector<double> clocks_hz;               // between repetitions, in the order of time
  std::optional<std::uint64_t> swapped_pages;  // read from or written to swap during the run
};

// One kind of warning: a row of the table that results/README.md shows.
struct WarningKind {
  std::string_view id;
  std::string_view when;  // what it means that the run has it, for the table
  std::string_view remedy;
  // What is the matter, one message for each case; none: all is well. Null: raised where it is
  // seen.
  std::vector<std::string> (*find)(const Circumstances& circumstances, const Result& result);
};

std::span<const WarningKind> WarningKinds();

// Every warning of the table that applies, in its order. Reads the probes' description in
// `result.device`.
std::vector<Warning> WarningsOf(const Circumstances& circumstances, const Result& result);

// A warning of a kind of the table; throws Error when there is no such kind.
Warning MakeWarning(std::string_view id, std::string message);

// A pipe table, one row per kind, ending in a newline: what results/README.md holds.
std::string WarningsMarkdown();

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_WARNINGS_H_
