// Ceilings of the chosen devices; in full also of other kernel sets, by threads, and as curves.
#include "harness/runner/run_ceilings.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <utility>

#include "harness/base/clock.h"
#include "harness/runner/ceiling_setup.h"
#include "harness/runner/devices.h"
#include "harness/runner/machine.h"
#include "harness/runner/run_info.h"
#include "harness/runner/tool.h"
#include "harness/runner/warnings.h"
#include "harness/workloads/cache_curves.h"
#include "probes/probe.h"

namespace inferometer {
namespace {

constexpr double kCeiling_s = 0.2;
// Of every further kernel set and number of threads.
constexpr double kFurther_s = 0.1;
constexpr int kMostCountedOneByOne = 8;

// The device of that id, opened anew with so many threads; null when it is not there any more.
std::unique_ptr<Device> OpenWith(const std::string& id, int threads) {
  for (const Backend& backend : Backends()) {
    if (!id.starts_with(std::string(backend.name) + ":")) continue;
    for (std::unique_ptr<Device>& device : backend.open({.threads = threads})) {
      if (device->Info().id == id) return std::move(device);
    }
  }
  return nullptr;
}

std::vector<std::string> OtherCpuSets(const std::vector<std::string>& measured) {
  std::vector<std::string> ids;
  for (const Backend& backend : Backends()) {
    if (backend.name != "cpu") continue;
    for (const std::unique_ptr<Device>& device : backend.open({})) {
      const std::string& id = device->Info().id;
      if (std::find(measured.begin(), measured.end(), id) == measured.end()) ids.push_back(id);
    }
  }
  return ids;
}

class CeilingsRun {
 public:
  CeilingsRun(const CeilingsRequest& request, const OnProgress& progress,
              const std::function<bool()>& stop)
      : request_(request), progress_(progress), stop_(stop), start_s_(NowSeconds()) {}

  Result Go() {
    result_.run = {{"started_at", NowUtc()},
                   {"preset", request_.full ? "ceilings-full" : "ceilings"},
                   {"seed", 1},
                   {"order", nullptr}};
    result_.tool = DescribeTool();
    SystemRoot here;
    here.gpu_helper = request_.gpu_helper;
    result_.device = DescribeDevice(here);
    const auto times_before = ReadCpuTimes();
    const DeviceChoice choice = ChooseDevices(
        Backends(), {{}, request_.devices, request_.threads, UnsafeBackends(result_.device)},
        QuantId::kQ8_0, [this] { return Now(); });
    Put(TimerCeilings(NowSeconds, Now()));
    std::vector<std::string> measured;
    for (const ChosenDevice& chosen : choice.devices) {
      measured.push_back(chosen.device->Info().id);
      MeasureAll(*chosen.device, kCeiling_s);
      if (request_.full) MeasureInFull(*chosen.device);
    }
    if (request_.full && request_.devices.empty()) {
      for (const std::string& id : OtherCpuSets(measured)) {
        const std::unique_ptr<Device> device = OpenWith(id, request_.threads);
        if (device) MeasureAll(*device, kFurther_s);
      }
    }
    Circumstances circumstances;
    const auto times_after = ReadCpuTimes();
    if (times_before && times_after) {
      circumstances.shares = SharesBetween(*times_before, *times_after);
    }
    circumstances.debug_build = IsDebugBuild();
    circumstances.hypervisor = Hypervisor(result_.device);
    for (Warning& warning : WarningsOf(circumstances, result_)) {
      result_.warnings.push_back(std::move(warning));
    }
    for (Warning& doubt : DoubtsOf(result_.ceilings, TheoryInputOf(result_.device))) {
      result_.warnings.push_back(std::move(doubt));
    }
    result_.run["duration_s"] = Now();
    result_.run["complete"] = !Stopped();
    if (Stopped()) result_.run["incomplete"] = "interrupted";
    result_.run["device_choice"] = choice.why;
    result_.run["id"] = RunIdOf(result_, start_s_);
    return std::move(result_);
  }

 private:
  double Now() const { return NowSeconds() - start_s_; }
  bool Stopped() const { return stop_ && stop_(); }

  void Say(const std::string& what) {
    if (!progress_) return;
    Progress progress;
    progress.phase = "ceilings";
    progress.what = what;
    progress.elapsed_s = Now();
    progress_(progress);
  }

  void Put(std::vector<Ceiling> ceilings) {
    for (Ceiling& ceiling : ceilings) result_.ceilings.push_back(std::move(ceiling));
  }

  // Whatever goes wrong on one device becomes a warning, and the others are measured.
  template <typename F>
  void Try(const Device& device, const std::string& what, F&& f) {
    if (Stopped()) return;
    const DeviceInfo& info = device.Info();
    std::string name = what + " of " + info.id;
    if (info.threads > 0) name += fmt::format(", threads: {}", info.threads);
    Say(name);
    try {
      f();
    } catch (const std::exception& error) {
      result_.warnings.push_back({"no_ceilings",
                                  fmt::format("{} could not be measured: {}", name, error.what()),
                                  "what is missing in the result has this reason"});
    }
  }

  void MeasureAll(Device& device, double each_s) {
    Try(device, "ceilings", [&] {
      Ceilings ceilings(device, CeilingOptionsFor(device, result_.device, each_s), true);
      Put(ceilings.Measure(Now(), false));
      nlohmann::json& list = result_.run["unsupported_ceilings"][device.Info().id];
      list = ceilings.unsupported();
    });
  }

  void MeasureInFull(Device& device) {
    const std::string id = device.Info().id;
    const int threads = device.Info().threads;
    std::unique_ptr<Device> one;
    for (const int count : ThreadCountsBelow(threads)) {
      std::unique_ptr<Device> fewer = OpenWith(id, count);
      if (!fewer) continue;
      MeasureAll(*fewer, kFurther_s);
      if (count == 1) one = std::move(fewer);
    }
    const CeilingOptions options = CeilingOptionsFor(device, result_.device, kFurther_s);
    const GoOn go_on = [this] { return !Stopped(); };
    if (one) {
      Try(*one, "cache bandwidth", [&] { Put(BandwidthCurve(*one, options, Now(), go_on)); });
    }
    Try(device, "cache bandwidth", [&] { Put(BandwidthCurve(device, options, Now(), go_on)); });
    Device& walker = one ? *one : device;
    const std::vector<std::uint64_t> described =
        device.Info().backend == "cpu" ? DataCaches(result_.device) : std::vector<std::uint64_t>();
    Try(walker, "access latency",
        [&] { Put(LatencyCurve(walker, options, described, Now(), go_on)); });
  }

  const CeilingsRequest& request_;
  const OnProgress& progress_;
  const std::function<bool()>& stop_;
  const double start_s_;
  Result result_;
};

}  // namespace

std::vector<int> ThreadCountsBelow(int most) {
  std::vector<int> counts;
  for (int count = 1; count < most; count = count < kMostCountedOneByOne ? count + 1 : 2 * count) {
    counts.push_back(count);
  }
  return counts;
}

Result RunCeilings(const CeilingsRequest& request, const OnProgress& progress,
                   const std::function<bool()>& stop) {
  return CeilingsRun(request, progress, stop).Go();
}

}  // namespace inferometer
