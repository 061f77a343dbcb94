// Writes a step as a GPU reads it.
#include "backends/gpu/step_buffer.h"

#include <algorithm>
#include <cstddef>

namespace inferometer::gpu {

StepBuffer::StepBuffer(std::int64_t tokens, std::int64_t outputs, std::int64_t tile_tokens)
    : tokens_(tokens),
      outputs_(outputs),
      tile_tokens_(tile_tokens),
      tiles_at_(kHeaderWords + 4 * tokens_),
      output_at_(tiles_at_ + 4 * tokens_) {}

StepCounts StepBuffer::Fill(const Step& step, std::int64_t split,
                            std::span<std::uint32_t> words) const {
  const auto put = [&words](std::int64_t at, std::int64_t value) {
    if (!words.empty()) words[static_cast<std::size_t>(at)] = static_cast<std::uint32_t>(value);
  };
  StepCounts counts{.tokens = static_cast<std::int64_t>(step.tokens.size())};
  std::int64_t run_begin = 0, tile_begin = 0;
  for (std::int64_t t = 0; t < counts.tokens; ++t) {
    const TokenAt& token = step.tokens[static_cast<std::size_t>(t)];
    const bool new_run =
        t > 0 && token.sequence != step.tokens[static_cast<std::size_t>(t - 1)].sequence;
    if (new_run) run_begin = t;
    if (new_run || t - tile_begin == tile_tokens_) tile_begin = t;
    if (t == tile_begin) ++counts.tiles;
    if (token.output) put(output_at_ + counts.outputs++, t);
    counts.context = std::max<std::int64_t>(counts.context, token.position + 1);
    if (t >= tokens_) continue;
    const std::int64_t at = kHeaderWords + 4 * t;
    put(at, token.id);
    put(at + 1, token.position);
    put(at + 2, token.sequence);
    put(at + 3, step.tokens[static_cast<std::size_t>(run_begin)].position);
    const std::int64_t tile = tiles_at_ + 4 * (counts.tiles - 1);
    put(tile, tile_begin);
    put(tile + 1, t - tile_begin + 1);
    put(tile + 2, token.sequence);
    put(tile + 3, token.position + 1);
  }
  counts.split = split;
  if (split > 0) counts.splits = std::max<std::int64_t>(1, (counts.context + split - 1) / split);
  put(0, counts.tokens);
  put(1, counts.outputs);
  put(2, counts.tiles);
  put(3, 0);
  put(4, counts.split);
  put(5, counts.splits);
  put(6, counts.context);
  put(7, 0);
  return counts;
}

}  // namespace inferometer::gpu
