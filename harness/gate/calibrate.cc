// The noise floor of a machine.
#include "harness/gate/calibrate.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/random.h"
#include "harness/gate/fingerprint.h"
#include "harness/gate/row.h"
#include "harness/gate/rule.h"
#include "harness/stats/quantile.h"

namespace inferometer {
namespace {

constexpr int kResamples = 2000;
constexpr double kNoise = 0.95;  // of A/A differences lie below the floor
constexpr double kPower = 0.90;
constexpr std::size_t kLeast = 6;

}  // namespace

RowNoise NoiseOf(const std::string& row, std::span<const double> worse, std::size_t confirm_pairs,
                 double threshold) {
  std::vector<double> both, sizes;
  for (const double x : worse) {
    both.push_back(x);
    both.push_back(-x);
    sizes.push_back(std::abs(x));
  }
  RowNoise noise{row, std::expm1(Quantile(sizes, kNoise)), 0, 0};
  Random random(1);
  std::vector<double> resample(confirm_pairs), estimates, needed;
  for (int r = 0; r < kResamples; ++r) {
    for (double& x : resample) x = both[random.Below(both.size())];
    const Effect effect = PairedEffect(resample);
    estimates.push_back(std::abs(effect.worse));
    // The shift that would have been a regression with this resample's noise.
    const double for_limit = std::log1p(threshold) - effect.worse;
    const double for_interval = effect.interval ? -effect.interval->low : for_limit;
    needed.push_back(std::max(for_limit, for_interval));
  }
  noise.estimate_p95 = std::expm1(Quantile(estimates, kNoise));
  // The threshold itself never falls below twice the floor.
  const double raised = std::log1p(std::max(threshold, 2 * noise.estimate_p95));
  for (double& shift : needed) shift += raised - std::log1p(threshold);
  noise.detectable = std::expm1(std::max(0.0, Quantile(needed, kPower)));
  return noise;
}

Policy Calibrate(const Arms& arms, Policy policy, std::size_t pairs, const std::string& now_utc) {
  const double deadline_s = arms.now() + policy.max_run_time_s;
  arms.tell("first look");
  const Result first = arms.run(Side::kBase, {});
  const Scope scope = ScopeOf(first);
  std::vector<std::string> notes;
  const Stage stage = MeasureStage(arms, policy, scope, pairs, deadline_s, notes);
  if (stage.pairs < kLeast) {
    throw Error(ExitCode::kInconclusive,
                "fewer than 6 pairs were run before the time was up: raise the policy's "
                "max_run_time_s or shorten the runs with --time-budget");
  }
  for (const Control& control : stage.controls) {
    if (control.moved) {
      throw Error(ExitCode::kInconclusive,
                  "the machine changed while it was compared with itself (" + control.name +
                      "): calibrate it while nothing else runs");
    }
  }
  Calibration calibration{MachineOf(first), now_utc, stage.pairs, {}};
  policy.calibration.reset();
  for (const Record& record : first.records) {
    const std::string id = RowId(record);
    const RowLimit limit = LimitOf(policy, record, true, calibration.machine);
    const auto numbers = stage.worse.find(id);
    if (limit.how != Gating::kRelative || numbers == stage.worse.end()) continue;
    if (numbers->second.size() < kLeast) continue;
    calibration.noise.push_back(
        NoiseOf(id, numbers->second, policy.confirm_pairs, limit.threshold));
  }
  policy.calibration = std::move(calibration);
  return policy;
}

}  // namespace inferometer
