// Mixture of experts: routing, and matmuls over the experts that were chosen.
#include <algorithm>
#include <cmath>
#include <vector>

#include "backends/cpu/executor.h"

namespace inferometer::cpu {

void Executor::operator()(const TopExperts& op) {
  const Range mine = Share(tokens_);
  std::vector<std::int32_t>& order = plan_.routes_[static_cast<std::size_t>(worker_)];
  for (std::int64_t t = mine.begin; t < mine.end; ++t) {
    const float* scores = Floats(op.scores) + t * op.experts;
    order.resize(static_cast<std::size_t>(op.experts));
    for (std::int64_t e = 0; e < op.experts; ++e) {
      order[static_cast<std::size_t>(e)] = static_cast<std::int32_t>(e);
    }
    std::partial_sort(order.begin(), order.begin() + op.used, order.end(),
                      [scores](std::int32_t a, std::int32_t b) {
                        return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
                      });
    // The softmax over all experts, normalised over the chosen ones: what is left out cancels.
    float sum = 0;
    float* weights = Floats(op.weights) + t * op.used;
    auto* ids = At(op.ids).data.As<std::int32_t>() + t * op.used;
    for (std::int64_t j = 0; j < op.used; ++j) {
      ids[j] = order[static_cast<std::size_t>(j)];
      weights[j] = std::exp(scores[ids[j]] - scores[order[0]]);
      sum += weights[j];
    }
    for (std::int64_t j = 0; j < op.used; ++j) weights[j] /= sum;
  }
}

void Executor::operator()(const ExpertMatMul& op) {
  const Tensor& weight = At(op.weight);
  const auto* ids = At(op.ids).data.As<std::int32_t>();
  const std::int64_t pairs = tokens_ * op.used;
  // (token, choice) pairs by expert, so that an expert's rows pass through the cache once: a
  // counting sort, done by each thread for itself.
  std::vector<std::int32_t>& routes = plan_.routes_[static_cast<std::size_t>(worker_)];
  routes.assign(static_cast<std::size_t>(op.experts + 1 + pairs), 0);
  std::int32_t* starts = routes.data();
  std::int32_t* sorted = starts + op.experts + 1;
  for (std::int64_t i = 0; i < pairs; ++i) ++starts[ids[i] + 1];
  for (std::int64_t e = 0; e < op.experts; ++e) starts[e + 1] += starts[e];
  for (std::int64_t i = pairs - 1; i >= 0; --i) {
    sorted[--starts[ids[i] + 1]] = static_cast<std::int32_t>(i);
  }
  // starts[e + 1] is now where expert e begins; expert e ends where e + 1 begins.
  const Activations in = InputOf(op.in, op.in_width);
  const auto kernel = kernels_.matmul[static_cast<int>(weight.layout.format)];
  const std::int64_t groups = weight.layout.Groups(), unit_groups = GroupsPerUnit(groups);
  const std::int64_t units = (groups + unit_groups - 1) / unit_groups;
  OnDemand(op.experts * units, [&](std::int64_t unit) {
    const std::int64_t expert = unit / units, begin = unit % units * unit_groups;
    const std::int64_t from = starts[expert + 1];
    const std::int64_t to = expert + 1 < op.experts ? starts[expert + 2] : pairs;
    for (std::int64_t i = from; i < to; ++i) {
      const std::int64_t pair = sorted[i], row = op.shared_input ? pair / op.used : pair;
      const std::int64_t scales = op.in_width / 32;
      MatMulArgs args{.weights = weight.Plane(expert),
                      .group_bytes = weight.layout.GroupBytes(),
                      .group_begin = begin,
                      .group_end = std::min(groups, begin + unit_groups),
                      .in = in,
                      .column_end = 1,
                      .out = Floats(op.out) + pair * op.out_width,
                      .out_stride = op.out_width,
                      .out_width = op.out_width};
      args.in.values += row * op.in_width;
      if (args.in.codes != nullptr) {
        args.in.codes += row * op.in_width;
        args.in.scales += row * scales;
        args.in.sums32 += row * scales;
        args.in.sums16 += row * scales * 2;
      }
      kernel(args);
    }
  });
}

void Executor::operator()(const ExpertSum& op) {
  const Range mine = Share(tokens_);
  for (std::int64_t t = mine.begin; t < mine.end; ++t) {
    float* out = Floats(op.out) + t * op.width;
    for (std::int64_t j = 0; j < op.used; ++j) {
      const float weight = Floats(op.weights)[t * op.used + j];
      const float* in = Floats(op.in) + (t * op.used + j) * op.width;
      for (std::int64_t d = 0; d < op.width; ++d) out[d] += weight * in[d];
    }
  }
}

}  // namespace inferometer::cpu
