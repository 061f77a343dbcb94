// What a ceiling can be at all: measured ones that are far from it are doubted.
#ifndef INFEROMETER_HARNESS_WORKLOADS_CEILING_THEORY_H_
#define INFEROMETER_HARNESS_WORKLOADS_CEILING_THEORY_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "results/record.h"

namespace inferometer {

// What theory needs to know of a machine; 0 and empty: unknown.
struct TheoryInput {
  std::string microarchitecture;  // "Zen 5"
  int cores = 0;                  // physical ones
  double max_clock_hz = 0;        // as the system describes it
  double transfers_per_s = 0;     // of the memory, each of 8 bytes a channel
  int memory_modules = 0;         // as many channels at most
};

// Multiply and add operations a core can do in a cycle: at most, and at least when nothing
// disturbs it.
struct CycleBounds {
  double most = 0, least = 0;
};

// Of a peak ("fp32_peak") on a CPU device ("cpu:avx2"). Two pipes of the set's width, in fp32, are
// the most that any x86 core has, four of 128 bits the most of any Arm core; where the design is
// known, its own pipes bound both ways. Zeros for what is not known: no bound.
CycleBounds CycleBoundsOf(std::string_view metric, std::string_view device,
                          const TheoryInput& input);

// Doubts, each with a remedy: ceiling_above_theory, ceiling_below_theory. Peaks of CPU devices are
// held against clock x operations a cycle x threads, the clock being the greater of the described
// and the measured one; read bandwidth against transfers x 8 bytes x modules.
std::vector<Warning> DoubtsOf(std::span<const Ceiling> ceilings, const TheoryInput& input);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_WORKLOADS_CEILING_THEORY_H_
