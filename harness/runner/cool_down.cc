// The probe kernel, and waiting for it to come back.
#include "harness/runner/cool_down.h"

#include <algorithm>
#include <utility>

namespace inferometer {
namespace {

constexpr double kLookEvery_s = 2;
constexpr double kClose_c = 5;     // this near to its limit a processor is about to slow down
constexpr double kBack = 0.98;     // of the speed at the start of the run
constexpr double kPause_s = 0.5;   // between two measurements while waiting
constexpr double kLongest_s = 10;  // one wait
constexpr double kShareOfRoom = 0.125;

constexpr int kRuns = 5;
constexpr double kRun_s = 0.004;  // a kernel of this length is far above the cost of a launch
constexpr double kLeastSpeed = 1e6;

}  // namespace

SpeedProbe::SpeedProbe(Device& device) {
  ComputeProbe probe{.type = NumberType::kFp32, .operations = std::int64_t{1} << 20};
  why_not_ = device.WhyNot(probe);
  if (!why_not_.empty()) return;
  const auto prepare = [&] {
    const Op op = probe;
    plan_ = device.Prepare({&op, 1});
    operations_ = static_cast<double>(probe.operations);
  };
  prepare();
  const double speed = std::max(Measure(), kLeastSpeed);
  probe.operations = std::max(probe.operations, static_cast<std::int64_t>(speed * kRun_s));
  prepare();
}

double SpeedProbe::Measure() {
  double best = 0;
  for (int i = 0; i < kRuns; ++i) {
    const Timing timing = plan_->Run({});
    const double elapsed_s = timing.device_s.value_or(timing.host_s);
    if (elapsed_s > 0) best = std::max(best, operations_ / elapsed_s);
  }
  return best;
}

CoolDown::CoolDown(CoolDownHooks hooks, double budget_s)
    : hooks_(std::move(hooks)), budget_s_(budget_s) {}

void CoolDown::Start(std::size_t devices, std::string skipped) {
  skipped_ = std::move(skipped);
  start_.assign(devices, std::nullopt);
  if (!skipped_.empty()) return;
  for (std::size_t device = 0; device < devices; ++device) start_[device] = hooks_.probe(device);
  throttles_ = hooks_.heat().throttles;
}

bool CoolDown::ShowsHeat() {
  const Heat heat = hooks_.heat();
  const bool throttled = heat.throttles && throttles_ && *heat.throttles > *throttles_;
  throttles_ = heat.throttles;
  return throttled || (heat.margin_c && *heat.margin_c <= kClose_c);
}

void CoolDown::Before(std::size_t device, double room_s) {
  if (!skipped_.empty() || device >= start_.size() || !start_[device]) return;
  const double begin_s = hooks_.now();
  if (looked_s_ && begin_s - *looked_s_ < kLookEvery_s) return;
  looked_s_ = begin_s;
  if (!ShowsHeat()) return;
  const auto is_back = [&] {
    const auto speed = hooks_.probe(device);
    return !speed || *speed >= kBack * *start_[device];
  };
  if (is_back()) return;
  const double limit_s =
      std::min({kLongest_s, kShareOfRoom * room_s, budget_s_ - waited_s_}) - kPause_s;
  if (limit_s < 0) {
    ++given_up_;
    return;
  }
  hooks_.waiting(device);
  ++waits_;
  bool back = false;
  do {
    hooks_.sleep(kPause_s);
    back = is_back();
  } while (!back && !hooks_.stop() && hooks_.now() - begin_s < limit_s);
  if (!back) ++given_up_;
  waited_s_ += hooks_.now() - begin_s;
  looked_s_ = hooks_.now();
}

nlohmann::json CoolDown::Describe() const {
  return {{"waits", waits_},
          {"waited_s", waited_s_},
          {"given_up", given_up_},
          {"skipped", skipped_.empty() ? nlohmann::json() : nlohmann::json(skipped_)}};
}

}  // namespace inferometer
