// The frame of a run: what is measured, on what, and the result around the rows.
#include "harness/runner/run.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/sha256.h"
#include "harness/base/text.h"
#include "harness/runner/devices.h"
#include "harness/runner/machine.h"
#include "harness/runner/run_model.h"
#include "harness/runner/selection.h"
#include "harness/runner/tool.h"
#include "harness/runner/warnings.h"
#include "probes/probe.h"

namespace inferometer {
namespace {

// How long one ceiling is measured at a time: four of them make well below a second.
constexpr double kQuickCeiling_s = 0.1, kCeiling_s = 0.2;

std::string NowUtc() {
  const auto now =
      std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
}

CeilingOptions OptionsFor(const Device& device, const nlohmann::json& described,
                          std::string_view preset) {
  CeilingOptions options;
  const bool on_cpu = device.Info().backend == "cpu";
  options.last_level_bytes = on_cpu ? LastLevelCache(described) : 0;
  options.memory_bytes = on_cpu ? AvailableMemory(described).value_or(TotalMemory(described))
                                : device.Info().memory_bytes;
  options.each_s = preset == "quick" ? kQuickCeiling_s : kCeiling_s;
  options.now = NowSeconds;
  return options;
}

// Most bytes that the ceilings' buffers take on one CPU device.
std::uint64_t CeilingBytes(const nlohmann::json& described) {
  CeilingOptions options;
  options.last_level_bytes = LastLevelCache(described);
  options.memory_bytes = AvailableMemory(described).value_or(TotalMemory(described));
  return ProbeBytes(options);
}

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

}  // namespace

Result Run(const RunRequest& request, const OnProgress& progress,
           const std::function<bool()>& stop) {
  const double start_s = NowSeconds();
  const auto now = [start_s] { return NowSeconds() - start_s; };
  const Selection selection = Select(request);
  Result result;
  result.run = {{"started_at", NowUtc()}, {"preset", request.preset}, {"seed", request.seed}};
  std::vector<Model> models;
  for (const std::string& name : request.models) {
    models.push_back(OpenNamed(name, request.quant, request.seed));
  }
  result.tool = DescribeTool();
  result.device = DescribeDevice();
  const auto times_before = ReadCpuTimes();

  const QuantId format = models.empty() ? QuantId::kQ8_0 : MainFormat(models.front());
  DeviceChoice choice =
      ChooseDevices(Backends(), {request.backends, request.devices, request.threads}, format, now);
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
  state.last_level_bytes = LastLevelCache(result.device);
  state.now = now;
  state.stop = stop ? stop : [] { return false; };
  state.progress = progress ? progress : [](const Progress&) {};
  state.result = &result;
  const bool full = request.preset != "quick" || selection.ceilings_only;
  for (ChosenDevice& chosen : devices) {
    try {
      state.ceilings.push_back(std::make_unique<Ceilings>(
          *chosen.device, OptionsFor(*chosen.device, result.device, request.preset), full));
    } catch (const std::exception& error) {
      state.ceilings.push_back(nullptr);
      result.warnings.push_back({"no_ceilings",
                                 fmt::format("the roofs of {} could not be measured: {}",
                                             chosen.device->Info().id, error.what()),
                                 "its rows stand without a roofline"});
    }
  }
  if (full) MeasureCeilings(state, true);
  for (std::size_t i = 0; i < models.size() && !selection.ceilings_only; ++i) {
    // The time that is left is shared equally by the models that are left.
    const double left_s = std::max(0.0, selection.budget_s - now());
    RunModel(state, models[i], cases[i], now() + left_s / static_cast<double>(models.size() - i));
  }
  AddMissing(choice, request, selection, result);

  Circumstances circumstances;
  circumstances.timer_step_s = TimerStep(NowSeconds);
  circumstances.shortest_s = state.shortest_s;
  const auto times_after = ReadCpuTimes();
  if (times_before && times_after) {
    circumstances.shares = SharesBetween(*times_before, *times_after);
  }
  circumstances.debug_build = IsDebugBuild();
  circumstances.hypervisor = Hypervisor(result.device);
  for (Warning& warning : WarningsOf(circumstances, result)) {
    result.warnings.push_back(std::move(warning));
  }
  const bool stopped = state.stopped || state.stop();
  result.run["duration_s"] = now();
  result.run["time_budget_s"] = selection.budget_s;
  result.run["order"] = state.order;
  result.run["complete"] = !stopped && !state.cut_short;
  if (state.cut_short) result.run["incomplete"] = "time budget";
  if (stopped) result.run["incomplete"] = "interrupted";
  result.run["device_choice"] = choice.why;
  // Made of what no other run shares: its start to the nanosecond, its program and its figures.
  nlohmann::json identity = {result.run, result.tool, start_s};
  for (const Record& row : result.records) identity.push_back(row.samples);
  result.run["id"] = Sha256Hex(identity.dump()).substr(0, 32);
  return result;
}

}  // namespace inferometer
