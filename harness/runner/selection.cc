// Resolves the names of a request, and chooses the default model.
#include "harness/runner/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "harness/base/error.h"
#include "harness/base/text.h"
#include "harness/runner/sessions.h"

namespace inferometer {
namespace {

constexpr std::string_view kCeilings =
    "ceilings";  // measured in every run, so no Workload of its own
constexpr double kLeastRounds = 4;
// The part of the budget that goes to repetitions; the rest is for conformance and ceilings.
constexpr double kMeasuringShare = 0.7;
// Caches are not cut below this for the sake of memory.
constexpr std::int64_t kFewestPositions = 1024;

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

// Why a cache of that format cannot hold the model's heads; empty when it can.
std::string WhyNoCache(const ModelShape& shape, QuantId kv) {
  const Format& format = FormatOf(kv);
  if (shape.head_dim % static_cast<std::int64_t>(format.block_weights) == 0) return "";
  return fmt::format(
      "the model's heads are of {} values, and a cache in {} is made of blocks of {}",
      shape.head_dim, format.name, format.block_weights);
}

// The cases with at most so many positions, for that reason.
std::vector<SelectedCase> Clip(std::vector<SelectedCase> cases, std::int64_t positions,
                               const std::string& reason) {
  for (SelectedCase& c : cases) {
    const std::int64_t wanted = PositionsOf(c);
    if (!c.why_not.empty() || wanted <= positions) continue;
    if (c.workload->clip) c.point = c.workload->clip(c.point, positions);
    if (PositionsOf(c) <= positions) {
      c.point.params["clipped"] = reason;
    } else {
      c.why_not = fmt::format("{} positions are needed, but {}", wanted, reason);
    }
  }
  return cases;
}

}  // namespace

Selection Select(const RunRequest& request) {
  Selection selection;
  selection.preset = FindPreset(request.preset);
  if (!selection.preset) {
    throw Error(ExitCode::kUsage, UnknownName("preset", request.preset, NamesOf(Presets())));
  }
  const double minutes = request.sustained_minutes.value_or(1);
  if (!(minutes > 0) || !std::isfinite(minutes)) {
    throw Error(ExitCode::kUsage, "the sustained minutes must be a positive number");
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
      selection.cases.push_back({&workload, std::move(point), {}});
    }
  }
  selection.ceilings_only = selection.cases.empty();
  double more_s = 0;  // than what the preset has room for
  for (SelectedCase& c : selection.cases) {
    if (!c.workload->lasts) continue;
    if (request.sustained_minutes) c.point.params["minutes"] = *request.sustained_minutes;
    more_s += c.workload->lasts(c.point);
  }
  for (const Workload& workload : Workloads()) {
    if (!workload.lasts) continue;
    for (const Case& c : workload.cases(request.preset)) more_s -= workload.lasts(c);
  }
  selection.budget_s =
      request.time_budget_s.value_or(selection.preset->budget_s + std::max(0.0, more_s));
  if (!(selection.budget_s > 0) || !std::isfinite(selection.budget_s)) {
    throw Error(ExitCode::kUsage, "the time budget must be a positive number of seconds");
  }
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

std::int64_t PositionsOf(const SelectedCase& c) {
  std::int64_t positions = 0;
  for (const PlanLimits& limits : c.workload->limits(c.point)) {
    positions = std::max(positions, limits.positions);
  }
  return positions;
}

std::vector<SelectedCase> FitCases(const std::vector<SelectedCase>& cases, const Model& model,
                                   const Room& room) {
  std::vector<SelectedCase> held = cases;
  for (SelectedCase& c : held) {
    for (const PlanLimits& limits : c.workload->limits(c.point)) {
      if (c.why_not.empty()) c.why_not = WhyNoCache(model.shape, limits.kv_format);
    }
  }
  const std::int64_t context = model.shape.context;
  const std::string by_model = fmt::format("the model's context is {} tokens", context);
  std::vector<SelectedCase> fitted = Clip(std::move(held), context, by_model);
  if (!room.available_bytes) return fitted;
  for (std::int64_t positions = context;
       positions > kFewestPositions && NeededMemory(model, fitted, room) > *room.available_bytes;) {
    positions /= 2;
    const std::string by_memory =
        fmt::format("memory has room for a cache of {} tokens", positions);
    fitted = Clip(fitted, positions, by_memory);
  }
  return fitted;
}

std::uint64_t NeededMemory(const Model& model, const std::vector<SelectedCase>& cases,
                           const Room& room) {
  std::uint64_t working = 0;
  for (const PlanLimits& limits : PlanSessions(cases).sessions) {
    working += WorkingBytes(BuildPlan(model, limits));
  }
  const std::uint64_t weights = model.bytes + model.bytes / 10;
  return room.devices * (weights + working + room.probe_bytes) + weights;
}

Estimate EstimateOf(const std::vector<SelectedCase>& cases, const Model& model,
                    const std::function<double(const Work&)>& seconds_of) {
  const SessionPlan sessions = PlanSessions(cases);
  std::vector<ModelPlan> plans;
  for (const PlanLimits& limits : sessions.sessions) plans.push_back(BuildPlan(model, limits));
  std::vector<std::int64_t> depths(plans.size(), 0);
  Estimate estimate;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (!cases[i].why_not.empty()) continue;
    const Workload& workload = *cases[i].workload;
    for (const std::size_t session : sessions.of_case[i]) {
      if (!workload.depth) continue;
      depths[session] = std::max(depths[session], workload.depth(cases[i].point));
    }
    if (workload.lasts) {
      estimate.lasts_s += workload.lasts(cases[i].point);
      continue;
    }
    estimate.round_s += seconds_of(workload.work(cases[i].point, plans[sessions.of_case[i][0]]));
  }
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (depths[i] == 0) continue;
    estimate.fill_s += seconds_of(WorkOfPrompt(plans[i].ops, depths[i], 0, kFillTokens));
  }
  return estimate;
}

std::string DefaultModel(const Selection& selection, const Room& room,
                         const std::function<double(const Work&)>& seconds_of) {
  std::string chosen(Tiers().front().model);
  for (const Tier& tier : Tiers()) {
    const Model model = OpenNamed(std::string(tier.model), std::string(tier.quant), 1);
    const std::vector<SelectedCase> cases = FitCases(selection.cases, model, room);
    const bool fits =
        !room.available_bytes || NeededMemory(model, cases, room) <= *room.available_bytes;
    const Estimate estimate = EstimateOf(cases, model, seconds_of);
    const double needed_s =
        (estimate.round_s * kLeastRounds + estimate.fill_s) * static_cast<double>(room.devices);
    const double room_s = selection.budget_s - estimate.lasts_s * static_cast<double>(room.devices);
    if (fits && needed_s <= kMeasuringShare * room_s) chosen = tier.model;
    if (tier.name == selection.preset->tier) break;
  }
  return chosen;
}

}  // namespace inferometer
