// The attention of a step as units of work that threads can share evenly.
#ifndef INFEROMETER_BACKENDS_CPU_ATTENTION_UNITS_H_
#define INFEROMETER_BACKENDS_CPU_ATTENTION_UNITS_H_

#include <cstdint>
#include <span>
#include <vector>

#include "models/step.h"

namespace inferometer::cpu {

// Tokens of one sequence that attend together, so that they share each pass over the cache.
struct TokenRange {
  std::int64_t first, count;
};

// The heads of one kv head, for the tokens of a tile, over positions [begin, end).
struct AttentionUnit {
  TokenRange tile;
  std::int64_t kv_head, begin, end;
  // When the context was split: parts 0..parts have states of their own, which follow each other,
  // and who finishes last puts them together.
  std::int64_t parts = 1, part = 0;
  std::int64_t first_state = 0;  // of part 0
  std::int64_t whole = 0;        // a number of what is put together
};

// How attention with so many heads is split. Sequences of different depths may stand in one step:
// each gets as many parts as its share of the positions deserves.
class AttentionUnits {
 public:
  // The smallest part of the context worth a thread of its own; a multiple of the kernels' chunk.
  static constexpr std::int64_t kPartPositions = 128;

  // `rows`: query rows of a unit, at most, unless those of one token are more. `wanted`: how many
  // equal units would keep all threads busy to the end. `tokens`: the most in a
  // step.
  AttentionUnits(std::int64_t heads, std::int64_t kv_heads, std::int64_t rows, std::int64_t wanted,
                 std::int64_t tokens);

  bool Has(std::int64_t heads, std::int64_t kv_heads, std::int64_t rows) const {
    return heads == heads_ && kv_heads == kv_heads_ && rows == rows_;
  }
  // Bounds for all steps: every pair of a tile and a kv head that is split has more than its share
  // of the work, total / wanted, and its share of parts rounded up.
  std::int64_t MostStates() const { return 2 * wanted_; }
  std::int64_t MostWholes() const { return wanted_; }

  void Plan(std::span<const TokenAt> tokens);
  std::int64_t count() const { return count_; }
  // Units that cost most come first.
  AttentionUnit At(std::int64_t unit) const;

 private:
  struct Tile {
    TokenRange tokens;
    std::int64_t positions;
    std::int64_t parts = 1;
    std::int64_t first_unit = 0, first_state = 0, first_whole = 0;
    std::int64_t Cost() const { return tokens.count * positions; }
  };

  std::int64_t heads_, kv_heads_, rows_, wanted_, tile_tokens_;
  std::int64_t count_ = 0;
  std::vector<Tile> tiles_;
};

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_ATTENTION_UNITS_H_
