// KvAppend and Attention: the KV cache written and read, one row of head_dim values at a time.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "backends/reference/ops.h"
#include "backends/reference/parallel.h"

namespace inferometer::reference {
namespace {

// A cache {head_dim, kv_heads, positions, sequences} as rows of one head of one token.
class Cache {
 public:
  Cache(const Scope& scope, TensorId id, QuantId format)
      : dims_(scope.tensors.Desc(id).dims),
        format_(FormatOf(format)),
        row_bytes_(RowBytes(format, static_cast<std::size_t>(dims_[0]))),
        bytes_(scope.tensors.Bytes(id).data()) {}

  void Put(std::int64_t sequence, std::int64_t position, std::int64_t head, const float* values) {
    format_.encode({values, static_cast<std::size_t>(dims_[0])}, Row(sequence, position, head));
  }
  void Get(std::int64_t sequence, std::int64_t position, std::int64_t head, float* values) const {
    format_.decode(Row(sequence, position, head), {values, static_cast<std::size_t>(dims_[0])});
  }

 private:
  std::byte* Row(std::int64_t sequence, std::int64_t position, std::int64_t head) const {
    const std::int64_t row = (sequence * dims_[2] + position) * dims_[1] + head;
    return bytes_ + static_cast<std::size_t>(row) * row_bytes_;
  }

  std::array<std::int64_t, 4> dims_;
  const Format& format_;
  std::size_t row_bytes_;
  std::byte* bytes_;
};

// Tokens of a step that belong to one sequence: [begin, end).
struct Run {
  std::int64_t begin, end;
};

std::vector<Run> RunsOf(std::span<const TokenAt> tokens) {
  std::vector<Run> runs;
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    const auto at = static_cast<std::int64_t>(t);
    if (t == 0 || tokens[t].sequence != tokens[t - 1].sequence) runs.push_back({at, at});
    runs.back().end = at + 1;
  }
  return runs;
}

// keys: [dim][position] with `stride` positions in a row; values: [position][dim].
struct History {
  std::vector<float> keys, values;
  std::int64_t stride;
};

// One query head over positions 0..last of a decoded history. `scores` has room for stride values.
void Attend(const float* q, const History& history, std::int64_t last, std::int64_t head_dim,
            float scale, float* scores, float* out) {
  std::fill_n(scores, last + 1, 0.0f);
  for (std::int64_t d = 0; d < head_dim; ++d) {
    const float* keys = history.keys.data() + d * history.stride;
    for (std::int64_t p = 0; p <= last; ++p) scores[p] += q[d] * keys[p];
  }
  for (std::int64_t p = 0; p <= last; ++p) scores[p] *= scale;
  const float largest = *std::max_element(scores, scores + last + 1);
  double sum = 0;
  for (std::int64_t p = 0; p <= last; ++p) {
    scores[p] = std::exp(scores[p] - largest);
    sum += scores[p];
  }
  std::fill_n(out, head_dim, 0.0f);
  for (std::int64_t p = 0; p <= last; ++p) {
    const auto weight = static_cast<float>(scores[p] / sum);
    const float* values = history.values.data() + p * head_dim;
    for (std::int64_t d = 0; d < head_dim; ++d) out[d] += weight * values[d];
  }
}

}  // namespace

void Compute(const KvAppend& op, const Scope& scope) {
  Cache keys(scope, op.k_cache, op.format), values(scope, op.v_cache, op.format);
  for (std::int64_t t = 0; t < scope.Count(Rows::kTokens); ++t) {
    const TokenAt& token = scope.tokens[static_cast<std::size_t>(t)];
    for (std::int64_t h = 0; h < op.kv_heads; ++h) {
      const std::int64_t row = t * op.kv_heads + h;
      keys.Put(token.sequence, token.position, h, scope.Row(op.k, row, op.head_dim));
      values.Put(token.sequence, token.position, h, scope.Row(op.v, row, op.head_dim));
    }
  }
}

void Compute(const Attention& op, const Scope& scope) {
  const Cache keys(scope, op.k_cache, op.format), values(scope, op.v_cache, op.format);
  const std::int64_t group = op.heads / op.kv_heads;
  for (const Run& run : RunsOf(scope.tokens)) {
    const std::int64_t sequence = scope.tokens[static_cast<std::size_t>(run.begin)].sequence;
    const std::int64_t history = scope.tokens[static_cast<std::size_t>(run.end - 1)].position + 1;
    const double flops = 4.0 * static_cast<double>(history) * static_cast<double>(op.head_dim) *
                         static_cast<double>(op.heads) * static_cast<double>(run.end - run.begin);
    ForSlices(op.kv_heads, flops, [&](std::int64_t first_head, std::int64_t last_head) {
      const auto cells = static_cast<std::size_t>(history * op.head_dim);
      History decoded{std::vector<float>(cells), std::vector<float>(cells), history};
      std::vector<float> row(static_cast<std::size_t>(op.head_dim));
      std::vector<float> scores(static_cast<std::size_t>(history));
      for (std::int64_t kv = first_head; kv < last_head; ++kv) {
        for (std::int64_t p = 0; p < history; ++p) {
          keys.Get(sequence, p, kv, row.data());
          for (std::int64_t d = 0; d < op.head_dim; ++d) {
            decoded.keys[static_cast<std::size_t>(d * history + p)] =
                row[static_cast<std::size_t>(d)];
          }
          values.Get(sequence, p, kv, decoded.values.data() + p * op.head_dim);
        }
        for (std::int64_t t = run.begin; t < run.end; ++t) {
          const std::int64_t last = scope.tokens[static_cast<std::size_t>(t)].position;
          for (std::int64_t h = kv * group; h < (kv + 1) * group; ++h) {
            Attend(scope.Row(op.q, t * op.heads + h, op.head_dim), decoded, last, op.head_dim,
                   op.scale, scores.data(), scope.Row(op.out, t * op.heads + h, op.head_dim));
          }
        }
      }
    });
  }
}

}  // namespace inferometer::reference
