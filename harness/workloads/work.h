// What a stretch of computing had to move and compute, by the types that it computes in.
#ifndef INFEROMETER_HARNESS_WORKLOADS_WORK_H_
#define INFEROMETER_HARNESS_WORKLOADS_WORK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "models/op.h"
#include "models/step.h"

namespace inferometer {

inline constexpr std::size_t kNumberTypes = 4;  // of NumberType

struct Work {
  double bytes = 0;
  std::array<double, kNumberTypes> operations{};  // by NumberType

  double flops() const;  // of all types
  bool empty() const { return bytes == 0 && flops() == 0; }
  Work& operator+=(const Work& other);
  Work operator*(double factor) const;
};

// The work of one step, from CostOf and ArithmeticOf.
Work WorkOf(std::span<const Op> ops, const Step& step);

// The work of a prompt of `tokens` from `position` on, in steps of at most `step_tokens`, the last
// token being the output: what Session::Prefill runs.
Work WorkOfPrompt(std::span<const Op> ops, std::int64_t tokens, std::int64_t position,
                  std::int64_t step_tokens);

// The mean work of `tokens` steps of one output token each, the first of them at `position`.
Work WorkOfToken(std::span<const Op> ops, std::int64_t tokens, std::int64_t position);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_WORKLOADS_WORK_H_
