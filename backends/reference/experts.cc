// TopExperts, ExpertMatMul and ExpertSum: a mixture of experts routed token by token.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "backends/reference/matmul.h"
#include "backends/reference/ops.h"
#include "harness/base/error.h"

namespace inferometer::reference {

void Compute(const TopExperts& op, const Scope& scope) {
  std::vector<double> share(static_cast<std::size_t>(op.experts));
  for (std::int64_t t = 0; t < scope.Count(Rows::kTokens); ++t) {
    const float* scores = scope.Row(op.scores, t, op.experts);
    std::int32_t* ids = scope.IndexRow(op.ids, t, op.used);
    float* weights = scope.Row(op.weights, t, op.used);

    // The softmax's own sum cancels when the chosen weights are normalised.
    const double largest = *std::max_element(scores, scores + op.experts);
    for (std::size_t e = 0; e < share.size(); ++e) share[e] = std::exp(scores[e] - largest);

    double sum = 0;
    std::vector<bool> chosen(share.size());
    for (std::int64_t j = 0; j < op.used; ++j) {
      std::size_t best = share.size();
      for (std::size_t e = 0; e < share.size(); ++e) {
        if (!chosen[e] && (best == share.size() || share[e] > share[best])) best = e;
      }
      chosen[best] = true;
      ids[j] = static_cast<std::int32_t>(best);
      sum += share[best];
    }
    for (std::int64_t j = 0; j < op.used; ++j) {
      weights[j] = static_cast<float>(share[static_cast<std::size_t>(ids[j])] / sum);
    }
  }
}

void Compute(const ExpertMatMul& op, const Scope& scope) {
  // The rows that each expert multiplies, so that its weights are decoded once.
  struct Work {
    std::vector<const float*> in;
    std::vector<float*> out;
  };
  std::vector<Work> work(static_cast<std::size_t>(op.experts));
  for (std::int64_t t = 0; t < scope.Count(Rows::kTokens); ++t) {
    for (std::int64_t j = 0; j < op.used; ++j) {
      const std::int32_t id = scope.IndexRow(op.ids, t, op.used)[j];
      if (id < 0 || id >= op.experts) {
        throw Error(
            ExitCode::kRunFailed,
            fmt::format("expert_matmul: expert {} was chosen, but there are {}", id, op.experts));
      }
      Work& rows = work[static_cast<std::size_t>(id)];
      rows.in.push_back(op.shared_input ? scope.Row(op.in, t, op.in_width)
                                        : scope.Row(op.in, t * op.used + j, op.in_width));
      rows.out.push_back(scope.Row(op.out, t * op.used + j, op.out_width));
    }
  }
  const std::size_t expert_bytes = static_cast<std::size_t>(op.out_width) *
                                   RowBytes(op.format, static_cast<std::size_t>(op.in_width));
  const std::byte* weight = scope.tensors.Bytes(op.weight).data();
  for (std::size_t e = 0; e < work.size(); ++e) {
    if (work[e].in.empty()) continue;
    Multiply({op.format, weight + e * expert_bytes, op.in_width, op.out_width}, nullptr, false,
             work[e].in, work[e].out);
  }
}

void Compute(const ExpertSum& op, const Scope& scope) {
  for (std::int64_t t = 0; t < scope.Count(Rows::kTokens); ++t) {
    const float* weights = scope.Row(op.weights, t, op.used);
    float* out = scope.Row(op.out, t, op.width);
    for (std::int64_t i = 0; i < op.width; ++i) {
      float sum = 0;
      for (std::int64_t j = 0; j < op.used; ++j) {
        sum += weights[j] * scope.Row(op.in, t * op.used + j, op.width)[i];
      }
      out[i] += sum;
    }
  }
}

}  // namespace inferometer::reference
