// What of a step goes to a GPU: one small buffer of 32-bit words, the same for both languages.
//
//   word 0  T, tokens          word 4  positions that a split of attention covers, 0 when unsplit
//   word 1  S, output tokens   word 5  splits, at least 1
//   word 2  tiles              word 6  1 + the deepest position
//   word 3  0                  word 7  0
//   then, each of room for as many as the plan takes:
//     tokens   4 words each: id, position, sequence, the first position of its sequence in this
//     step tiles    4 words each: first token, tokens, sequence, 1 + the last position outputs  1
//     word each: the token whose output is wanted
//
// A tile is a run of tokens of one sequence, at most kTileTokens of them, whose queries one
// workgroup of attention takes together.
#ifndef INFEROMETER_BACKENDS_GPU_STEP_BUFFER_H_
#define INFEROMETER_BACKENDS_GPU_STEP_BUFFER_H_

#include <cstdint>
#include <span>
#include <vector>

#include "models/step.h"

namespace inferometer::gpu {

struct StepCounts {
  std::int64_t tokens = 0, outputs = 0, tiles = 0;
  std::int64_t context = 0;  // 1 + the deepest position
  std::int64_t split = 0, splits = 1;
};

class StepBuffer {
 public:
  static constexpr std::int64_t kHeaderWords = 8;

  // Room for steps of at most so many tokens and outputs; tiles of at most `tile_tokens`.
  StepBuffer(std::int64_t tokens, std::int64_t outputs, std::int64_t tile_tokens);

  std::int64_t Words() const { return output_at_ + outputs_; }
  // Where the arrays begin, in words.
  std::int64_t TokensAt() const { return kHeaderWords; }
  std::int64_t TilesAt() const { return tiles_at_; }
  std::int64_t OutputsAt() const { return output_at_; }

  // Writes the step, which CheckStep has accepted, into `words` (Words() of them; what the step
  // does not use is left as it is). Attention over c positions is cut into splits of `split`
  // positions, as many as the deepest token needs; 0: one split.
  StepCounts Fill(const Step& step, std::int64_t split, std::span<std::uint32_t> words) const;
  // The same counts without writing.
  StepCounts Count(const Step& step, std::int64_t split) const { return Fill(step, split, {}); }

 private:
  std::int64_t tokens_, outputs_, tile_tokens_, tiles_at_, output_at_;
};

}  // namespace inferometer::gpu

#endif  // INFEROMETER_BACKENDS_GPU_STEP_BUFFER_H_
