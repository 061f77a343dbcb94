// The frame of a run: what is measured, on what, and the result around the rows.
#include "harness/runner/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "harness/base/cache_folder.h"
#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/text.h"
#include "harness/runner/ceiling_setup.h"
#include "harness/runner/conditions.h"
#include "harness/runner/demands.h"
#include "harness/runner/devices.h"
#include "harness/runner/kernel_choice.h"
#include "harness/runner/machine.h"
#include "harness/runner/run_info.h"
#include "harness/runner/run_model.h"
#include "harness/runner/selection.h"
#include "harness/runner/sessions.h"
#include "harness/runner/tool.h"
#include "harness/runner/warnings.h"
#include "probes/probe.h"

namespace inferometer {
namespace {

// How long one ceiling is measured at a time: four of them make well below a second.
constexpr double kQuickCeiling_s = 0.1, kCeiling_s = 0.2;

// Throws Error with both figures when a model does not fit, before anything is allocated for it.
void CheckMemory(const Model& model, const std::vector<SelectedCase>& cases, const Room& room) {
  if (!room.available_bytes || cases.empty()) return;
  const std::uint64_t needed = NeededMemory(model, cases, room);
  if (needed <= *room.available_bytes) return;
  throw Error(
      ExitCode::kRunFailed,
      fmt::format("{} {} needs {} of memory to be measured on {} device(s), {} is available: "
                  "take a smaller model, or fewer devices",
                  model.name, model.quant, HumanBytes(static_cast<double>(needed)), room.devices,
                  HumanBytes(static_cast<double>(*room.available_bytes))));
}

void Say(const RunState& state, const std::string& phase, const std::string& what) {
  Progress progress;
  progress.phase = phase;
  progress.what = what;
  progress.elapsed_s = state.now();
  state.progress(progress);
}

// Rows that say why a backend is missing.
void AddMissing(const DeviceChoice& choice, const RunRequest& request, const Selection& selection,
                Result& result) {
  if (selection.cases.empty()) return;
  const SelectedCase& c = selection.cases.front();
  for (const MissingBackend& missing : choice.missing) {
    Record row;
    row.workload = c.workload->name;
    row.backend = row.device = missing.name;
    row.requested = request.backends.empty() ? "" : missing.name;
    row.params = c.point.params;
    row.metric = c.workload->rows(c.point).front().metric;
    row.status = Status::kUnsupported;
    row.reason = missing.reason.empty() ? "this machine has no such device" : missing.reason;
    result.records.push_back(std::move(row));
  }
}

// Lets devices whose kernels err be more careful, before anything stands on them. The CPU's kernels
// come with this program and are held against the reference by its tests.
void ChooseAllKernels(std::vector<ChosenDevice>& devices, const std::vector<Model>& models,
                      const std::vector<std::vector<SelectedCase>>& cases, const RunState& state,
                      Result& result) {
  std::vector<Op> ops;
  for (std::size_t i = 0; i < models.size(); ++i) {
    for (const PlanLimits& limits : PlanSessions(cases[i]).sessions) {
      const ModelPlan plan = BuildPlan(models[i], limits);
      ops.insert(ops.end(), plan.ops.begin(), plan.ops.end());
    }
  }
  result.run["kernel_checks"] = nlohmann::json::array();
  for (ChosenDevice& chosen : devices) {
    const DeviceInfo& info = chosen.device->Info();
    if (info.backend == "cpu" || ops.empty() || state.stop()) continue;
    Say(state, "kernels", info.id);
    const std::string first = info.kernels;
    const KernelChoice check = ChooseKernels(*chosen.device, ops, CacheFolder(), state.now);
    result.run["kernel_checks"].push_back(
        {{"device", info.id},
         {"kernels", info.kernels},
         {"without", check.without},
         {"cases", check.cases},
         {"reason", check.wrong.empty() ? nlohmann::json() : nlohmann::json(check.wrong)}});
    if (check.wrong.empty()) continue;
    chosen.open_another = [check, open = chosen.open_another] {
      std::unique_ptr<Device> another = open();
      Repeat(check, *another);
      return another;
    };
    result.warnings.push_back(
        MakeWarning("careful_kernels",
                    fmt::format("{} computed wrongly with '{}' ({}), so that it runs with '{}'",
                                info.id, first, check.wrong, info.kernels)));
  }
}

}  // namespace

Result Run(const RunRequest& request, const OnProgress& progress,
           const std::function<bool()>& stop) {
  const double start_s = NowSeconds();
  const auto now = [start_s] { return NowSeconds() - start_s; };
  const Selection selection = Select(request);
  CheckDemands(request, IsDebugBuild());
  Result result;
  result.run = {{"started_at", NowUtc()}, {"preset", request.preset}, {"seed", request.seed}};
  std::vector<Model> models;
  for (const std::string& name : request.models) {
    models.push_back(OpenNamed(name, request.quant, request.seed));
  }
  result.tool = DescribeTool();
  SystemRoot here;
  here.gpu_helper = request.gpu_helper;
  result.device = DescribeDevice(here);

  const QuantId format = models.empty() ? QuantId::kQ8_0 : MainFormat(models.front());
  DeviceChoice choice = ChooseDevices(
      Backends(),
      {request.backends, request.devices, request.threads, UnsafeBackends(result.device)}, format,
      now);
  std::vector<ChosenDevice>& devices = choice.devices;
  const Room room{devices.size(), AvailableMemory(result.device), CeilingBytes(result.device)};
  if (models.empty() && !selection.ceilings_only) {
    const auto seconds_of = [&devices](const Work& work) {
      return devices.front().speed.SecondsFor(work);
    };
    models.push_back(
        OpenNamed(DefaultModel(selection, room, seconds_of), request.quant, request.seed));
  }
  std::vector<std::vector<SelectedCase>> cases;  // by model
  for (const Model& model : models) {
    cases.push_back(FitCases(selection.cases, model, room));
    CheckMemory(model, cases.back(), room);
  }

  RunState state;
  state.devices = &devices;
  state.seed = request.seed;
  state.most_repetitions = request.most_repetitions;
  state.fewest_repetitions = selection.preset->fewest;
  state.last_level_bytes = LastLevelCache(result.device);
  state.now = now;
  state.stop = stop ? stop : [] { return false; };
  state.progress = progress ? progress : [](const Progress&) {};
  state.result = &result;
  state.profile = request.profile;
  Conditions conditions({.budget_s = selection.budget_s,
                         .wait_s = selection.preset->wait_s,
                         .wait = request.wait,
                         .count_energy = request.energy && !selection.ceilings_only,
                         .root = {},
                         .now = now,
                         .stop = state.stop,
                         .say = [&state](const std::string& phase,
                                         const std::string& what) { Say(state, phase, what); }},
                        devices);
  conditions.Begin();
  if (!state.stop()) {
    nlohmann::json seen;
    conditions.Describe(seen);
    RequireQuiet(request, seen);
  }
  state.energy = conditions.energy();
  state.settle = [&conditions](std::size_t device, double room_s) {
    conditions.Settle(device, room_s);
  };
  ChooseAllKernels(devices, models, cases, state, result);
  const bool full = request.preset != "quick" || selection.ceilings_only;
  for (ChosenDevice& chosen : devices) {
    try {
      state.ceilings.push_back(std::make_unique<Ceilings>(
          *chosen.device,
          CeilingOptionsFor(*chosen.device, result.device,
                            request.preset == "quick" ? kQuickCeiling_s : kCeiling_s),
          full));
    } catch (const std::exception& error) {
      state.ceilings.push_back(nullptr);
      result.warnings.push_back(
          MakeWarning("no_ceilings", fmt::format("the roofs of {} could not be measured: {}",
                                                 chosen.device->Info().id, error.what())));
    }
  }
  for (Ceiling& ceiling : TimerCeilings(NowSeconds, now())) {
    result.ceilings.push_back(std::move(ceiling));
  }
  if (full) MeasureCeilings(state, true);
  for (std::size_t i = 0; i < models.size() && !selection.ceilings_only; ++i) {
    // The time that is left is shared equally by the models that are left.
    const double left_s = std::max(0.0, selection.budget_s - now());
    RunModel(state, models[i], cases[i], now() + left_s / static_cast<double>(models.size() - i));
  }
  AddMissing(choice, request, selection, result);

  Circumstances circumstances = conditions.Seen();
  circumstances.timer_step_s = TimerStep(NowSeconds);
  circumstances.shortest_s = state.shortest_s;
  circumstances.debug_build = IsDebugBuild();
  circumstances.hypervisor = Hypervisor(result.device);
  for (Warning& warning : WarningsOf(circumstances, result)) {
    result.warnings.push_back(std::move(warning));
  }
  for (Warning& doubt : DoubtsOf(result.ceilings, TheoryInputOf(result.device))) {
    result.warnings.push_back(std::move(doubt));
  }
  const bool stopped = state.stopped || state.stop();
  result.run["duration_s"] = now();
  result.run["time_budget_s"] = selection.budget_s;
  result.run["order"] = state.order;
  result.run["complete"] = !stopped && !state.cut_short;
  if (state.cut_short) result.run["incomplete"] = "time budget";
  if (stopped) result.run["incomplete"] = "interrupted";
  result.run["device_choice"] = choice.why;
  conditions.Describe(result.run);
  result.run["id"] = RunIdOf(result, start_s);
  return result;
}

}  // namespace inferometer
