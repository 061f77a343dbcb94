// Waits, idle power and the state of the machine before, between and after.
#include "harness/runner/conditions.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <thread>
#include <utility>

namespace inferometer {
namespace {

constexpr double kCoolDownShare = 0.1;  // of the budget, in all
constexpr double kIdleShare = 0.05;     // of the budget
constexpr double kLookEvery_s = 2;
constexpr double kNap_s = 0.05;

const char* const kNoWait = "--no-wait";

std::vector<const DeviceInfo*> InfosOf(const std::vector<ChosenDevice>& devices) {
  std::vector<const DeviceInfo*> infos;
  for (const ChosenDevice& chosen : devices) infos.push_back(&chosen.device->Info());
  return infos;
}

}  // namespace

Conditions::Conditions(ConditionsOptions options, std::vector<ChosenDevice>& devices)
    : options_(std::move(options)),
      devices_(devices),
      watch_(options_.root),
      cool_down_({.now = options_.now,
                  .sleep = [this](double seconds) { Sleep(seconds); },
                  .stop = options_.stop,
                  .heat = [this] { return watch_.Look(); },
                  .probe = [this](std::size_t device) { return Probe(device); },
                  .waiting =
                      [this](std::size_t device) {
                        options_.say("cool-down", devices_[device].device->Info().id);
                      }},
                 kCoolDownShare * options_.budget_s),
      probes_(devices.size()) {
  if (options_.count_energy) energy_.emplace(options_.root, InfosOf(devices), options_.now);
}

void Conditions::Sleep(double seconds) const {
  const double end_s = options_.now() + seconds;
  for (double left_s = seconds; left_s > 0 && !options_.stop(); left_s = end_s - options_.now()) {
    std::this_thread::sleep_for(std::chrono::duration<double>(std::min(left_s, kNap_s)));
  }
}

void Conditions::Wait() {
  if (!options_.wait) {
    gate_ = inferometer::Describe(
        GateResult{.waited_s = 0, .settled = false, .why = kNoWait, .load = {}, .hottest_c = {}},
        0);
    return;
  }
  const double limit_s = GateLimit(options_.wait_s, options_.budget_s);
  const GateHooks hooks{
      .now = options_.now,
      .sleep = [this](double seconds) { Sleep(seconds); },
      .stop = options_.stop,
      .load = [this] { return ReadCpuTimes(options_.root.files); },
      .heat = [this] { return watch_.Look(); },
      .waiting = [this] { options_.say("wait", "for load and temperature to settle"); }};
  gate_ = inferometer::Describe(WaitUntilSettled(hooks, limit_s), limit_s);
}

void Conditions::MeasureIdle() {
  const double needs_s = energy_ ? energy_->IdleNeeds() : 0;
  if (needs_s <= 0 || needs_s > kIdleShare * options_.budget_s || options_.stop()) return;
  options_.say("idle", "power before the workloads");
  energy_->Mark();
  const double begin_s = options_.now();
  Sleep(needs_s);
  const double end_s = options_.now();
  energy_->Mark();
  energy_->SetIdle(begin_s, end_s);
}

void Conditions::Begin() {
  Wait();
  MeasureIdle();
  heat_before_ = watch_.Look();
  times_before_ = ReadCpuTimes(options_.root.files);
  swapped_before_ = ReadSwappedPages(options_.root.files);
  cool_down_.Start(devices_.size(), !options_.wait  ? kNoWait
                                    : watch_.sees() ? ""
                                                    : "no sensor and no counter tells about heat");
}

std::optional<double> Conditions::Probe(std::size_t device) {
  try {
    if (!probes_[device]) probes_[device] = std::make_unique<SpeedProbe>(*devices_[device].device);
    if (!probes_[device]->why_not().empty()) return std::nullopt;
    return probes_[device]->Measure();
  } catch (const std::exception&) {
    return std::nullopt;  // a device that fails says so in its rows
  }
}

void Conditions::Settle(std::size_t device, double room_s) {
  const double now_s = options_.now();
  if (!looked_s_ || now_s - *looked_s_ >= kLookEvery_s) {
    looked_s_ = now_s;
    if (const auto clock_hz = watch_.Look().clock_hz) clocks_hz_.push_back(*clock_hz);
  }
  cool_down_.Before(device, room_s);
}

Circumstances Conditions::Seen() const {
  Circumstances seen;
  seen.heat_before = heat_before_;
  seen.heat_after = watch_.Look();
  seen.clocks_hz = clocks_hz_;
  const auto times = ReadCpuTimes(options_.root.files);
  if (times_before_ && times) seen.shares = SharesBetween(*times_before_, *times);
  const auto swapped = ReadSwappedPages(options_.root.files);
  if (swapped_before_ && swapped && *swapped >= *swapped_before_) {
    seen.swapped_pages = *swapped - *swapped_before_;
  }
  return seen;
}

void Conditions::Describe(nlohmann::json& run) const {
  run["start_gate"] = gate_;
  run["cool_down"] = cool_down_.Describe();
  run["energy"] = energy_ ? energy_->Describe() : nlohmann::json();
}

}  // namespace inferometer
