// Whether ops and steps fit the tensors they name: after this nothing can reach out of bounds.
#ifndef INFEROMETER_BACKENDS_CHECK_H_
#define INFEROMETER_BACKENDS_CHECK_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <span>

#include "models/op.h"
#include "models/step.h"
#include "models/tensor.h"

namespace inferometer {

// What the tensors of a plan have room for.
struct StepLimits {
  static constexpr std::int64_t kNone = std::numeric_limits<std::int32_t>::max();
  std::int64_t tokens = kNone;     // in one step
  std::int64_t outputs = kNone;    // of them marked output
  std::int64_t positions = kNone;  // in one sequence
  std::int64_t sequences = kNone;
  std::int64_t vocab = kNone;
};

// Throws Error naming the op, the operand and both sizes when one is missing or has not the type
// and size that the op implies, or when the op's own sizes make no sense.
// `desc` finds a tensor's description and throws Error for an id that does not exist.
StepLimits CheckOps(std::span<const Op> ops,
                    const std::function<const TensorDesc&(TensorId)>& desc);

// Throws Error naming the token when the step goes beyond the limits or breaks the order that
// models/step.h asks for.
void CheckStep(const Step& step, const StepLimits& limits);

}  // namespace inferometer

#endif  // INFEROMETER_BACKENDS_CHECK_H_
