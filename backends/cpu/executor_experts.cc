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

// Which (token, choice) pairs go to which expert, by a counting sort that each thread does for
// itself: cheaper than to meet for one that does it for all.
struct Executor::Routes {
  std::int32_t* starts;  // expert e has pairs[starts[e] .. starts[e + 1]), in the order of tokens
  std::int32_t* pairs;   // rows of the output
  std::int32_t* rows;    // the row of the input of each
  std::int32_t* chosen;  // the experts that have any
  std::int64_t experts;  // how many those are
};

Executor::Routes Executor::RoutesOf(const ExpertMatMul& op) {
  const auto* ids = At(op.ids).data.As<std::int32_t>();
  const std::int64_t pairs = tokens_ * op.used;
  std::vector<std::int32_t>& room = plan_.routes_[static_cast<std::size_t>(worker_)];
  room.assign(static_cast<std::size_t>(RouteRoom(op, tokens_)), 0);
  std::int32_t* starts = room.data();
  Routes routes{starts, starts + op.experts + 2, nullptr, nullptr, 0};
  routes.rows = routes.pairs + pairs;
  routes.chosen = routes.rows + pairs;
  // starts[e + 2] counts expert e; sums make starts[e + 1] its first place, which moves on to the
  // first of e + 1 as places are taken.
  for (std::int64_t i = 0; i < pairs; ++i) ++starts[ids[i] + 2];
  for (std::int64_t e = 0; e < op.experts; ++e) {
    if (starts[e + 2] > 0) routes.chosen[routes.experts++] = static_cast<std::int32_t>(e);
    starts[e + 2] += starts[e + 1];
  }
  for (std::int64_t i = 0; i < pairs; ++i) {
    const std::int32_t place = starts[ids[i] + 1]++;
    routes.pairs[place] = static_cast<std::int32_t>(i);
    routes.rows[place] = static_cast<std::int32_t>(op.shared_input ? i / op.used : i);
  }
  return routes;
}

void Executor::operator()(const ExpertMatMul& op) {
  const Tensor& weight = At(op.weight);
  const Routes routes = RoutesOf(op);
  MatMulArgs args{.group_bytes = weight.layout.GroupBytes(),
                  .in = InputOf(op.in, op.in_width),
                  .in_rows = routes.rows,
                  .out_rows = routes.pairs,
                  .out = Floats(op.out),
                  .out_stride = op.out_width,
                  .out_width = op.out_width};
  const std::int64_t groups = weight.layout.Groups(), unit_groups = GroupsPerUnit(groups);
  const std::int64_t units = (groups + unit_groups - 1) / unit_groups;
  OnDemand(routes.experts * units, [&](std::int64_t unit) {
    const std::int32_t expert = routes.chosen[unit / units];
    args.weights = weight.Plane(expert);
    args.group_begin = unit % units * unit_groups;
    args.group_end = std::min(groups, args.group_begin + unit_groups);
    Multiply(weight.layout, args, routes.starts[expert], routes.starts[expert + 1]);
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
