// What changes between two runs of a plan: its tokens and where they stand.
#ifndef INFEROMETER_MODELS_STEP_H_
#define INFEROMETER_MODELS_STEP_H_

#include <cstdint>
#include <span>

namespace inferometer {

struct TokenAt {
  std::int32_t id = 0;
  std::int32_t position = 0;  // from 0 in its sequence
  std::int32_t sequence = 0;
  bool output = false;  // logits and the greedy choice are wanted after this token
};

// The tokens of one sequence stand together and in order of position; every position below the
// first of them has been filled by earlier steps.
struct Step {
  std::span<const TokenAt> tokens;
};

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_STEP_H_
