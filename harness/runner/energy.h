// Joules while the run goes on: which source counts for a device, read in a thread of its own.
#ifndef INFEROMETER_HARNESS_RUNNER_ENERGY_H_
#define INFEROMETER_HARNESS_RUNNER_ENERGY_H_

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "backends/device.h"
#include "harness/runner/energy_series.h"
#include "probes/power_sources.h"
#include "probes/probe.h"

namespace inferometer {

// The source that counts what a device draws, or why there is none. Processors: what counts the
// processor, else the whole machine, else an unnamed sensor. Graphics processors: their own sensor
// where there is one of them, else the whole machine; the processor's counters leave them out.
struct SourceChoice {
  std::optional<std::size_t> source;  // index into sources.usable
  std::string reason;
};
SourceChoice SourceFor(const PowerSources& sources, const DeviceInfo& device);

// A counter at ten readings a second cannot wrap twice between two of them (RAPL: 65 kJ at least),
// and a reading of some microseconds takes below a ten-thousandth of one core.
inline constexpr double kReadEvery_s = 0.1;

// Reads sources every `every_s` in a thread that keeps away from the computing cores where there
// is another one, and whenever it is asked to. The thread only calls pread.
class EnergySampler {
 public:
  // `now`: s, may be called from any thread. `computing`: threads that will compute.
  EnergySampler(const SystemRoot& root, std::vector<PowerSource> sources,
                std::function<double()> now, int computing, double every_s = kReadEvery_s);
  ~EnergySampler();
  EnergySampler(const EnergySampler&) = delete;
  EnergySampler& operator=(const EnergySampler&) = delete;

  // Reads now, so that a stretch that begins or ends here has an exact end. For sources that are
  // quick to read; the others are left to the thread.
  void Mark();
  Joules Between(std::size_t source, double begin_s, double end_s) const;

 private:
  struct State;
  void Read(bool quick);
  std::unique_ptr<State> state_;
};

// What one device's joules come from.
struct EnergyOfDevice {
  std::string device;
  std::string source, scope;      // empty when there is none
  std::string reason;             // why there is none
  std::optional<double> idle_w;   // before the workloads
  double idle_s = 0;              // how long that was measured
  std::string idle_reason;        // why it is not known
  std::optional<std::size_t> at;  // the sampler's source
};

// Everything of a run that has to do with energy.
class Energy {
 public:
  // Finds the sources of each device and begins to read them. Nothing is read for devices that
  // have none.
  Energy(const SystemRoot& root, const std::vector<const DeviceInfo*>& devices,
         std::function<double()> now, double every_s = kReadEvery_s);

  // How long a quiet stretch must be for the idle power to be known; 0 when there is no source.
  double IdleNeeds() const;
  // The power between two times at which nothing was measured.
  void SetIdle(double begin_s, double end_s);

  void Mark();
  // Joules that the device drew between two times.
  Joules Between(const std::string& device, double begin_s, double end_s) const;
  const EnergyOfDevice& Of(const std::string& device) const;

  // The result's run.energy: an array of {device, source, scope, reason, idle_w, idle_s,
  // idle_reason}.
  nlohmann::json Describe() const;

 private:
  PowerSources sources_;
  std::vector<EnergyOfDevice> devices_;
  std::unique_ptr<EnergySampler> sampler_;  // null: there is nothing to read
};

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_ENERGY_H_
