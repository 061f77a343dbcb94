// The work of steps, summed over a plan's ops.
#include "harness/workloads/work.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "models/cost.h"

namespace inferometer {

double Work::flops() const { return std::accumulate(operations.begin(), operations.end(), 0.0); }

Work& Work::operator+=(const Work& other) {
  bytes += other.bytes;
  for (std::size_t i = 0; i < kNumberTypes; ++i) operations[i] += other.operations[i];
  return *this;
}

Work Work::operator*(double factor) const {
  Work product = *this;
  product.bytes *= factor;
  for (double& count : product.operations) count *= factor;
  return product;
}

Work WorkOf(std::span<const Op> ops, const Step& step) {
  Work work;
  for (const Op& op : ops) {
    const Cost cost = CostOf(op, step);
    work.bytes += cost.bytes;
    work.operations[static_cast<std::size_t>(ArithmeticOf(op))] += cost.flops;
  }
  return work;
}

Work WorkOfPrompt(std::span<const Op> ops, std::int64_t tokens, std::int64_t position,
                  std::int64_t step_tokens) {
  Work work;
  for (std::int64_t at = 0; at < tokens; at += step_tokens) {
    std::vector<TokenAt> step(static_cast<std::size_t>(std::min(step_tokens, tokens - at)));
    for (std::size_t i = 0; i < step.size(); ++i) {
      step[i].position = static_cast<std::int32_t>(position + at) + static_cast<std::int32_t>(i);
    }
    step.back().output = at + step_tokens >= tokens;
    work += WorkOf(ops, {step});
  }
  return work;
}

Work WorkOfToken(std::span<const Op> ops, std::int64_t tokens, std::int64_t position) {
  Work work;
  for (std::int64_t i = 0; i < tokens; ++i) {
    const TokenAt token{.position = static_cast<std::int32_t>(position + i), .output = true};
    work += WorkOf(ops, {{&token, 1}});
  }
  return tokens > 0 ? work * (1.0 / static_cast<double>(tokens)) : work;
}

}  // namespace inferometer
