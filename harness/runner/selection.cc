// Resolves the names of a request, and chooses the default model.
#include "harness/runner/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "harness/base/error.h"
#include "harness/base/text.h"

namespace inferometer {
namespace {

constexpr std::string_view kCeilings =
    "ceilings";  // measured in every run, so no Workload of its own
constexpr double kLeastRounds = 4;
// The part of the budget that goes to repetitions; the rest is for conformance and ceilings.
constexpr double kMeasuringShare = 0.7;
// The conformance check's prompt and continuation, at most.
constexpr std::int64_t kConformancePositions = 64;

template <typename T>
std::vector<std::string> NamesOf(std::span<const T> table) {
  std::vector<std::string> names;
  for (const T& row : table) names.emplace_back(row.name);
  return names;
}

std::vector<Case> CasesOf(const Workload& workload, const std::string& preset, bool named) {
  std::vector<Case> cases = workload.cases(preset);
  if (cases.empty() && named) cases = workload.cases("standard");
  if (cases.empty() && named) cases = workload.cases("extended");
  return cases;
}

}  // namespace

Selection Select(const RunRequest& request) {
  Selection selection;
  selection.preset = FindPreset(request.preset);
  if (!selection.preset) {
    throw Error(ExitCode::kUsage, UnknownName("preset", request.preset, NamesOf(Presets())));
  }
  selection.budget_s = request.time_budget_s.value_or(selection.preset->budget_s);
  if (!(selection.budget_s > 0) || !std::isfinite(selection.budget_s)) {
    throw Error(ExitCode::kUsage, "the time budget must be a positive number of seconds");
  }
  for (const std::string& name : request.workloads) {
    if (!FindWorkload(name) && name != kCeilings) {
      std::vector<std::string> names = NamesOf(Workloads());
      names.emplace_back(kCeilings);
      throw Error(ExitCode::kUsage, UnknownName("workload", name, names));
    }
  }
  for (const Workload& workload : Workloads()) {
    const bool named = std::find(request.workloads.begin(), request.workloads.end(),
                                 workload.name) != request.workloads.end();
    if (!named && !request.workloads.empty()) continue;
    for (Case& point : CasesOf(workload, request.preset, named)) {
      selection.cases.push_back({&workload, std::move(point)});
    }
  }
  selection.ceilings_only = selection.cases.empty();
  return selection;
}

Model OpenNamed(const std::string& name, const std::string& quant, std::uint64_t seed) {
  if (const ModelShape* shape = FindShape(name)) {
    return SynthesizeModel(*shape, quant.empty() ? SuiteQuant(name) : std::string_view(quant),
                           seed);
  }
  const bool looks_like_file = name.ends_with(".gguf") || name.find('/') != std::string::npos ||
                               std::filesystem::exists(std::filesystem::path(name));
  if (!looks_like_file) {
    throw Error(ExitCode::kUsage,
                UnknownName("model", name, NamesOf(Catalog())) + "; or the path of a GGUF file");
  }
  Model model = OpenModel(name);
  if (!quant.empty() && quant != model.quant) {
    throw Error(ExitCode::kUsage,
                fmt::format("'{}' is stored as {}: --quant {} can only be chosen for models whose "
                            "weights are synthesised",
                            name, model.quant, quant));
  }
  return model;
}

QuantId MainFormat(const Model& model) {
  std::map<QuantId, std::uint64_t> bytes;
  for (const TensorDesc& desc : model.tensors) {
    if (desc.role == TensorRole::kMatrix) bytes[desc.format] += ByteSize(desc);
  }
  const auto most = std::max_element(
      bytes.begin(), bytes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == bytes.end() ? QuantId::kF32 : most->first;
}

PlanLimits CommonLimits(const std::vector<SelectedCase>& cases) {
  PlanLimits common{.positions = kConformancePositions, .step_tokens = kConformancePositions};
  for (const SelectedCase& c : cases) {
    if (c.workload->own_session) continue;
    const PlanLimits limits = c.workload->limits(c.point);
    common.positions = std::max(common.positions, limits.positions);
    common.step_tokens = std::max(common.step_tokens, limits.step_tokens);
    common.outputs = std::max(common.outputs, limits.outputs);
    common.sequences = std::max(common.sequences, limits.sequences);
  }
  return common;
}

std::uint64_t NeededMemory(const Model& model, const std::vector<SelectedCase>& cases,
                           std::size_t devices, std::uint64_t probe_bytes) {
  const std::uint64_t working = WorkingBytes(BuildPlan(model, CommonLimits(cases)));
  return devices * (model.bytes + model.bytes / 10 + working + probe_bytes) + model.bytes +
         model.bytes / 10;
}

std::string DefaultModel(const Selection& selection, std::size_t devices,
                         std::optional<std::uint64_t> available_bytes, std::uint64_t probe_bytes,
                         const std::function<double(const Work&)>& seconds_of) {
  std::string chosen(Tiers().front().model);
  for (const Tier& tier : Tiers()) {
    const Model model = OpenNamed(std::string(tier.model), std::string(tier.quant), 1);
    const bool fits = !available_bytes || NeededMemory(model, selection.cases, devices,
                                                       probe_bytes) <= *available_bytes;
    const ModelPlan plan = BuildPlan(model, CommonLimits(selection.cases));
    double round_s = 0;
    for (const SelectedCase& c : selection.cases) {
      round_s += seconds_of(c.workload->work(c.point, plan));
    }
    const bool in_time = round_s * static_cast<double>(devices) * kLeastRounds <=
                         kMeasuringShare * selection.budget_s;
    if (fits && in_time) chosen = tier.model;
    if (tier.name == selection.preset->tier) break;
  }
  return chosen;
}

}  // namespace inferometer
