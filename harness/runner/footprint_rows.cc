// What a plan needs, from the plan alone.
#include "harness/runner/footprint_rows.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "models/plan.h"
#include "results/statistics.h"

namespace inferometer {
namespace {

constexpr std::int64_t kPositions = 2048, kStepTokens = 512;

}  // namespace

std::vector<Record> FootprintRows(const Record& row, const Model& model) {
  const std::int64_t positions =
      std::min(kPositions, std::max<std::int64_t>(1, model.shape.context));
  const ModelPlan plan =
      BuildPlan(model, {.positions = positions, .step_tokens = std::min(kStepTokens, positions)});
  std::uint64_t weights = 0, caches = 0;
  for (std::size_t i = 0; i < model.tensors.size(); ++i) weights += ByteSize(plan.tensors[i]);
  for (const TensorId id : plan.caches) {
    caches += ByteSize(plan.tensors[static_cast<std::size_t>(id)]);
  }
  const std::pair<const char*, std::uint64_t> kValues[] = {
      {"weight_bytes", weights},
      {"cache_bytes", caches},
      {"allocated_bytes", weights + WorkingBytes(plan)},
      {"plan_ops", plan.ops.size()}};
  std::vector<Record> rows;
  for (const auto& [metric, value] : kValues) {
    Record r = row;
    r.workload = "footprint";
    r.params = {{"positions", positions}, {"kv", "f16"}};
    r.metric = metric;
    r.samples = {static_cast<double>(value)};
    PutStatistics(r);
    r.warmup_repetitions = 0;
    r.warmup_stop = "steady";
    rows.push_back(std::move(r));
  }
  return rows;
}

}  // namespace inferometer
