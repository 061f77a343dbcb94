// Chooses sources of energy and reads them in a thread of its own.
#include "harness/runner/energy.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "harness/base/cpu_places.h"
#include "harness/base/error.h"
#include "probes/power_meter.h"

namespace inferometer {
namespace {

// Sources renewed this often have registers behind them, which are quick to read; batteries and
// slow sensors may keep their reader waiting.
constexpr double kQuick_s = 0.01;

// A core of its own for a thread beside `computing` pinned ones, where the machine has one.
void KeepAway(int computing) {
  const std::vector<CpuPlace>& places = CpuPlaces();
  UnpinThisThread();
  if (static_cast<std::size_t>(computing) >= places.size()) return;
  const CpuPlace& spare = places[static_cast<std::size_t>(computing)];
  if (!spare.sibling) PinThisThread(spare);
}

}  // namespace

SourceChoice SourceFor(const PowerSources& sources, const DeviceInfo& device) {
  const auto find = [&sources](PowerScope scope) {
    return std::find_if(sources.usable.begin(), sources.usable.end(),
                        [scope](const PowerSource& source) { return source.scope == scope; });
  };
  const auto chosen = [&sources](auto it) {
    return SourceChoice{static_cast<std::size_t>(it - sources.usable.begin()), ""};
  };
  const bool on_cpu = device.backend == "cpu" || device.software;
  if (on_cpu) {
    for (const PowerScope scope :
         {PowerScope::kProcessor, PowerScope::kMachine, PowerScope::kUnknown}) {
      if (const auto found = find(scope); found != sources.usable.end()) return chosen(found);
    }
    return {{}, WhyNoJoules(sources)};
  }
  const auto gpus =
      std::count_if(sources.usable.begin(), sources.usable.end(),
                    [](const PowerSource& source) { return source.scope == PowerScope::kGpu; });
  if (gpus == 1) return chosen(find(PowerScope::kGpu));
  if (const auto found = find(PowerScope::kMachine); found != sources.usable.end()) {
    return chosen(found);
  }
  if (gpus > 1) {
    return {{},
            fmt::format("{} graphics processors tell their power, and nothing tells which of "
                        "them this device is",
                        gpus)};
  }
  if (find(PowerScope::kProcessor) != sources.usable.end()) {
    return {{}, "only the processor counts joules here, and this device is none"};
  }
  return {{}, WhyNoJoules(sources)};
}

struct EnergySampler::State {
  std::vector<PowerMeter> meters;
  std::vector<EnergySeries> series;  // by meter
  std::function<double()> now;
  mutable std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false;
  std::thread thread;
};

EnergySampler::EnergySampler(const SystemRoot& root, std::vector<PowerSource> sources,
                             std::function<double()> now, int computing, double every_s)
    : state_(std::make_unique<State>()) {
  state_->now = std::move(now);
  const Reader reader(root);
  for (PowerSource& source : sources) {
    state_->series.emplace_back(source);
    state_->meters.emplace_back(reader, std::move(source));
  }
  Read(false);
  CpuPlaces();  // before any thread is pinned
  state_->thread = std::thread([this, computing, every_s] {
    KeepAway(computing);
    const std::chrono::duration<double> period(every_s);
    std::unique_lock lock(state_->mutex);
    while (!state_->wake.wait_for(lock, period, [this] { return state_->stopping; })) {
      lock.unlock();
      Read(false);
      lock.lock();
    }
  });
}

EnergySampler::~EnergySampler() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_all();
  state_->thread.join();
}

// The lock is held while files are read, so that readings stand in the order of their times.
void EnergySampler::Read(bool quick) {
  for (std::size_t i = 0; i < state_->meters.size(); ++i) {
    if (quick && state_->meters[i].source().update_s > kQuick_s) continue;
    const std::lock_guard lock(state_->mutex);
    const double before_s = state_->now();
    const auto readings = state_->meters[i].Read();
    state_->series[i].Add((before_s + state_->now()) / 2, readings);
  }
}

void EnergySampler::Mark() { Read(true); }

Joules EnergySampler::Between(std::size_t source, double begin_s, double end_s) const {
  const std::lock_guard lock(state_->mutex);
  return state_->series.at(source).Between(begin_s, end_s);
}

Energy::Energy(const SystemRoot& root, const std::vector<const DeviceInfo*>& devices,
               std::function<double()> now, double every_s)
    : sources_(FindPowerSources(Reader(root))) {
  std::vector<PowerSource> read;
  int computing = 0;
  for (const DeviceInfo* info : devices) {
    EnergyOfDevice of;
    of.device = info->id;
    computing = std::max(computing, info->threads);
    const SourceChoice choice = SourceFor(sources_, *info);
    of.reason = choice.reason;
    if (choice.source) {
      const PowerSource& source = sources_.usable[*choice.source];
      of.source = source.name;
      of.scope = source.scope_text;
      of.idle_reason = "the run had no time for a quiet stretch";
      // Two sources may have one name; what they read tells them apart.
      const auto same = std::find_if(read.begin(), read.end(), [&source](const PowerSource& other) {
        return other.channels.front().file == source.channels.front().file;
      });
      of.at = static_cast<std::size_t>(same - read.begin());
      if (same == read.end()) read.push_back(source);
    }
    devices_.push_back(std::move(of));
  }
  if (read.empty()) return;
  try {
    sampler_ = std::make_unique<EnergySampler>(root, read, std::move(now), computing, every_s);
  } catch (const Error& error) {
    for (EnergyOfDevice& of : devices_) {
      if (!of.at) continue;
      of = {.device = of.device,
            .source = {},
            .scope = {},
            .reason = error.what(),
            .idle_w = {},
            .idle_s = 0,
            .idle_reason = {},
            .at = {}};
    }
  }
}

double Energy::IdleNeeds() const {
  double needs_s = 0;
  for (const EnergyOfDevice& of : devices_) {
    if (!of.at) continue;
    for (const PowerSource& source : sources_.usable) {
      if (source.name != of.source) continue;
      // Beyond the fewest updates a second of quiet, which a brief wake-up does not sway.
      needs_s = std::max({needs_s, 1.0, kFewestUpdates * source.update_s + 0.2});
    }
  }
  return needs_s;
}

void Energy::SetIdle(double begin_s, double end_s) {
  for (EnergyOfDevice& of : devices_) {
    if (!of.at) continue;
    const Joules joules = sampler_->Between(*of.at, begin_s, end_s);
    of.idle_s = end_s - begin_s;
    of.idle_reason = joules.reason;
    if (joules.value) of.idle_w = *joules.value / of.idle_s;
  }
}

void Energy::Mark() {
  if (sampler_) sampler_->Mark();
}

const EnergyOfDevice& Energy::Of(const std::string& device) const {
  const auto found = std::find_if(devices_.begin(), devices_.end(),
                                  [&](const EnergyOfDevice& of) { return of.device == device; });
  if (found == devices_.end()) {
    throw Error(ExitCode::kRunFailed, fmt::format("no energy source was sought for {}", device));
  }
  return *found;
}

Joules Energy::Between(const std::string& device, double begin_s, double end_s) const {
  const EnergyOfDevice& of = Of(device);
  if (!of.at) return {{}, of.reason};
  return sampler_->Between(*of.at, begin_s, end_s);
}

nlohmann::json Energy::Describe() const {
  const auto text = [](const std::string& value) {
    return value.empty() ? nlohmann::json() : nlohmann::json(value);
  };
  nlohmann::json list = nlohmann::json::array();
  for (const EnergyOfDevice& of : devices_) {
    list.push_back({{"device", of.device},
                    {"source", text(of.source)},
                    {"scope", text(of.scope)},
                    {"reason", text(of.reason)},
                    {"idle_w", of.idle_w ? nlohmann::json(*of.idle_w) : nlohmann::json()},
                    {"idle_s", of.idle_w ? nlohmann::json(of.idle_s) : nlohmann::json()},
                    {"idle_reason", text(of.idle_reason)}});
  }
  return list;
}

}  // namespace inferometer
