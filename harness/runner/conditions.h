// What surrounds a run's measuring: the wait before it, idle power, heat and cooling, other
// programs.
#ifndef INFEROMETER_HARNESS_RUNNER_CONDITIONS_H_
#define INFEROMETER_HARNESS_RUNNER_CONDITIONS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/runner/cool_down.h"
#include "harness/runner/devices.h"
#include "harness/runner/energy.h"
#include "harness/runner/heat.h"
#include "harness/runner/start_gate.h"
#include "harness/runner/warnings.h"

namespace inferometer {

struct ConditionsOptions {
  double budget_s = 0;       // of the run
  double wait_s = 0;         // most that the preset waits before measuring
  bool wait = true;          // false: neither before measuring nor between repetitions
  bool count_energy = true;  // false: no source is read
  SystemRoot root;           // where the machine's state is read
  std::function<double()> now;
  std::function<bool()> stop;
  // Says what is being waited for: a phase and words that stay the same while it lasts.
  std::function<void(const std::string& phase, const std::string& what)> say;
};

class Conditions {
 public:
  // `devices` must stay where they are.
  Conditions(ConditionsOptions options, std::vector<ChosenDevice>& devices);

  // Before anything is measured: waits until the machine has settled, measures idle power, and what
  // each device's probe kernel gives.
  void Begin();
  // Before each repetition on a device; waits while it must cool down, well within `room_s`.
  void Settle(std::size_t device, double room_s);
  // What was seen from Begin until now, for the warnings.
  Circumstances Seen() const;
  // The result's run.start_gate, run.cool_down and run.energy.
  void Describe(nlohmann::json& run) const;

  Energy* energy() { return energy_ ? &*energy_ : nullptr; }

 private:
  void Sleep(double seconds) const;  // until it is time to stop
  void Wait();
  void MeasureIdle();
  std::optional<double> Probe(std::size_t device);

  ConditionsOptions options_;
  std::vector<ChosenDevice>& devices_;
  HeatWatch watch_;
  std::optional<Energy> energy_;
  CoolDown cool_down_;
  std::vector<std::unique_ptr<SpeedProbe>> probes_;  // by device, made when first needed
  nlohmann::json gate_;
  Heat heat_before_;
  std::optional<CpuTimes> times_before_;
  std::optional<std::uint64_t> swapped_before_;
  std::vector<double> clocks_hz_;
  std::optional<double> looked_s_;
};

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_CONDITIONS_H_
