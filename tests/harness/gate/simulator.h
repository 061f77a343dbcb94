// A simulated machine: what a shared runner does to the times of a program that does not change.
//
// The value of one repetition is  truth · vm · drift(slot) · process · (1 + noise) · spike:
// - vm: one factor for everything that runs on one virtual machine, sd 8 %. Results of two runners
//   differ by it; interleaved arms share it.
// - drift: a factor that wanders from run to run, AR(1) with sd 4 % and memory 0.9 a slot: other
//   tenants, heat. 0.8 of it is the machine's, 0.6 (in quadrature) the metric's own.
// - process: a factor of one process, sd 0.5 %: where its pages and threads came to lie.
// - noise: of one repetition, sd 1.5 %.
// - spike: 3 % of repetitions take 25 % longer.
// The figures are those that public runners show; the run's value is the median of three
// repetitions.
#ifndef INFEROMETER_TESTS_HARNESS_GATE_SIMULATOR_H_
#define INFEROMETER_TESTS_HARNESS_GATE_SIMULATOR_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/base/random.h"

namespace inferometer {

// Logarithms of times of `metrics` rows, run after run. All that is random comes from the seed.
class SimulatedMachine {
 public:
  static constexpr double kVm = 0.08, kDrift = 0.04, kMemory = 0.9;
  static constexpr double kShared = 0.8, kOwn = 0.6;
  static constexpr double kProcess = 0.005, kNoise = 0.015, kSpikeShare = 0.03, kSpike = 0.25;

  SimulatedMachine(std::uint64_t seed, std::size_t metrics)
      : random_(seed), own_(metrics), vm_(kVm * random_.Normal()) {
    shared_ = random_.Normal();
    for (double& own : own_) own = random_.Normal();
  }

  // Time goes on: one slot is one run of either arm.
  void NextSlot() {
    Wander(shared_);
    for (double& own : own_) Wander(own);
  }

  // What a fixed kernel would take now.
  double Machine() const { return vm_ + kDrift * kShared * shared_; }

  // What a run of the metric takes now, three repetitions, above the truth of 0.
  double Run(std::size_t metric) {
    const double process = kProcess * random_.Normal();
    double repetitions[3];
    for (double& x : repetitions) x = Repetition(metric) + process;
    std::sort(std::begin(repetitions), std::end(repetitions));
    return repetitions[1];
  }

  double Repetition(std::size_t metric) {
    double x = Machine() + kDrift * kOwn * own_[metric] + kNoise * random_.Normal();
    if (random_.Uniform() < 2 * kSpikeShare - 1) x += std::log1p(kSpike);
    return x;
  }

 private:
  void Wander(double& x) { x = kMemory * x + std::sqrt(1 - kMemory * kMemory) * random_.Normal(); }

  Random random_;
  std::vector<double> own_;
  double shared_ = 0, vm_;
};

}  // namespace inferometer

#endif  // INFEROMETER_TESTS_HARNESS_GATE_SIMULATOR_H_
