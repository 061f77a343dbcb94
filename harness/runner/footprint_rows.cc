// What a plan needs, from the plan alone.
#include "harness/runner/footprint_rows.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "models/plan.h"
#include "results/statistics.h"

namespace inferometer {
namespace {

constexpr std::int64_t kPositions = 2048, kStepTokens = 512;
// The plan is built and counted so often: what ought to be the same every time is shown to be, and
// the rows have intervals like all others.
constexpr int kTimes = 6;

}  // namespace

std::vector<Record> FootprintRows(const Record& row, const Model& model,
                                  std::optional<std::int64_t> dispatches) {
  const std::int64_t positions =
      std::min(kPositions, std::max<std::int64_t>(1, model.shape.context));
  std::map<std::string, std::vector<double>> values;
  for (int i = 0; i < kTimes; ++i) {
    const ModelPlan plan =
        BuildPlan(model, {.positions = positions, .step_tokens = std::min(kStepTokens, positions)});
    std::uint64_t weights = 0, caches = 0;
    for (std::size_t t = 0; t < model.tensors.size(); ++t) weights += ByteSize(plan.tensors[t]);
    for (const TensorId id : plan.caches) {
      caches += ByteSize(plan.tensors[static_cast<std::size_t>(id)]);
    }
    values["weight_bytes"].push_back(static_cast<double>(weights));
    values["cache_bytes"].push_back(static_cast<double>(caches));
    values["allocated_bytes"].push_back(static_cast<double>(weights + WorkingBytes(plan)));
    values["plan_ops"].push_back(static_cast<double>(plan.ops.size()));
    if (dispatches) values["dispatches"].push_back(static_cast<double>(*dispatches));
  }
  std::vector<Record> rows;
  for (auto& [metric, samples] : values) {
    Record r = row;
    r.workload = "footprint";
    r.params = {{"positions", positions}, {"kv", "f16"}};
    r.metric = metric;
    r.samples = std::move(samples);
    PutStatistics(r);
    r.warmup_repetitions = 0;
    r.warmup_stop = "steady";
    rows.push_back(std::move(r));
  }
  return rows;
}

}  // namespace inferometer
