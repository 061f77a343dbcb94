// Embed, SelectOutputs and ArgMax: whole rows moved or chosen.
#include <algorithm>
#include <cstddef>

#include "backends/reference/ops.h"

namespace inferometer::reference {

void Compute(const Embed& op, const Scope& scope) {
  const auto width = static_cast<std::size_t>(op.width);
  const std::size_t row_bytes = RowBytes(op.format, width);
  const std::byte* table = scope.tensors.Bytes(op.table).data();
  for (std::int64_t t = 0; t < scope.Count(Rows::kTokens); ++t) {
    const auto id = static_cast<std::size_t>(scope.tokens[static_cast<std::size_t>(t)].id);
    FormatOf(op.format).decode(table + id * row_bytes, {scope.Row(op.out, t, op.width), width});
  }
}

void Compute(const SelectOutputs& op, const Scope& scope) {
  for (std::int64_t s = 0; s < scope.Count(Rows::kOutputs); ++s) {
    const float* in = scope.Row(op.in, scope.outputs[static_cast<std::size_t>(s)], op.width);
    std::copy_n(in, op.width, scope.Row(op.out, s, op.width));
  }
}

void Compute(const ArgMax& op, const Scope& scope) {
  for (std::int64_t s = 0; s < scope.Count(Rows::kOutputs); ++s) {
    const float* in = scope.Row(op.in, s, op.width);
    *scope.IndexRow(op.out, s, 1) =
        static_cast<std::int32_t>(std::max_element(in, in + op.width) - in);
  }
}

}  // namespace inferometer::reference
