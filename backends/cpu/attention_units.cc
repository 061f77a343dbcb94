// Finds tiles of tokens and splits the context of those that cost more than their share.
#include "backends/cpu/attention_units.h"

#include <algorithm>

namespace inferometer::cpu {

AttentionUnits::AttentionUnits(std::int64_t heads, std::int64_t kv_heads, std::int64_t rows,
                               std::int64_t wanted, std::int64_t tokens)
    : heads_(heads),
      kv_heads_(kv_heads),
      rows_(rows),
      wanted_(wanted),
      tile_tokens_(std::max<std::int64_t>(rows / (heads / kv_heads), 1)) {
  tiles_.reserve(static_cast<std::size_t>(tokens));
}

void AttentionUnits::Plan(std::span<const TokenAt> tokens) {
  tiles_.clear();
  std::int64_t total = 0;
  const auto count = static_cast<std::int64_t>(tokens.size());
  for (std::int64_t first = 0; first < count;) {
    std::int64_t last = first;
    while (last + 1 < count && last + 1 - first < tile_tokens_ &&
           tokens[static_cast<std::size_t>(last + 1)].sequence ==
               tokens[static_cast<std::size_t>(first)].sequence) {
      ++last;
    }
    const std::int64_t positions = tokens[static_cast<std::size_t>(last)].position + 1;
    tiles_.push_back({.tokens = {first, last + 1 - first}, .positions = positions});
    total += tiles_.back().Cost() * kv_heads_;
    first = last + 1;
  }
  for (Tile& tile : tiles_) {
    const std::int64_t pieces = (tile.positions + kPartPositions - 1) / kPartPositions;
    tile.parts = std::min((tile.Cost() * wanted_ + total - 1) / total, pieces);
  }
  std::sort(tiles_.begin(), tiles_.end(),
            [](const Tile& a, const Tile& b) { return a.Cost() * b.parts > b.Cost() * a.parts; });
  count_ = 0;
  std::int64_t states = 0, wholes = 0;
  for (Tile& tile : tiles_) {
    tile.first_unit = count_;
    tile.first_state = states;
    tile.first_whole = wholes;
    count_ += tile.parts * kv_heads_;
    if (tile.parts == 1) continue;
    states += tile.parts * kv_heads_;
    wholes += kv_heads_;
  }
}

AttentionUnit AttentionUnits::At(std::int64_t unit) const {
  const Tile& tile = *std::prev(std::upper_bound(
      tiles_.begin(), tiles_.end(), unit,
      [](std::int64_t value, const Tile& candidate) { return value < candidate.first_unit; }));
  const std::int64_t pieces = (tile.positions + kPartPositions - 1) / kPartPositions;
  const std::int64_t kv_head = (unit - tile.first_unit) / tile.parts;
  const std::int64_t part = (unit - tile.first_unit) % tile.parts;
  return {.tile = tile.tokens,
          .kv_head = kv_head,
          .begin = pieces * part / tile.parts * kPartPositions,
          .end = std::min(tile.positions, pieces * (part + 1) / tile.parts * kPartPositions),
          .parts = tile.parts,
          .part = part,
          .first_state = tile.first_state + kv_head * tile.parts,
          .whole = tile.first_whole + kv_head};
}

}  // namespace inferometer::cpu
