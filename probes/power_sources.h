// What of this machine counts joules, what part of it is counted, and why nothing does.
#ifndef INFEROMETER_PROBES_POWER_SOURCES_H_
#define INFEROMETER_PROBES_POWER_SOURCES_H_

#include <optional>
#include <string>
#include <vector>

#include "probes/reader.h"

namespace inferometer {

enum class PowerKind : std::uint8_t {
  kJoules,   // a file that counts energy upwards
  kCharge,   // a file that counts what is left in a battery, downwards
  kWatts,    // a file that tells power
  kAmperes,  // two files, current and voltage, whose product is power
};

// One thing that is read. Paths lie below the root that the source was found in.
struct PowerChannel {
  PowerKind kind = PowerKind::kJoules;
  std::string file;
  double scale = 1;                  // of its number: to J or W, with kAmperes to A
  std::string volts;                 // kAmperes: the file of the voltage
  double volts_scale = 1;            // to V
  std::optional<double> wraps_at_j;  // the counter begins again at 0 beyond this
  std::string guard;                 // a file that must say ...
  std::string guard_text;            // ... this for the channel to count; empty: no guard
};

// Which part of the machine a source counts.
enum class PowerScope : std::uint8_t { kProcessor, kGpu, kMachine, kUnknown };

struct PowerSource {
  std::string name;  // "rapl-package", "hwmon:amdgpu", "battery"
  PowerScope scope = PowerScope::kUnknown;
  std::string scope_text;              // "2 processor packages, without memory"
  double update_s = 0;                 // its figure is renewed about this often
  std::vector<PowerChannel> channels;  // their joules add up; nothing is in two of them
};

struct PowerSources {
  std::vector<PowerSource> usable;     // the best first
  std::vector<std::string> obstacles;  // what stands in the way of the others, with what to do
};

// RAPL packages through powercap, sensors of hwmon that are known, and batteries that discharge.
PowerSources FindPowerSources(const Reader& reader);

// All obstacles in one sentence; what this system lacks when there are none.
std::string WhyNoJoules(const PowerSources& sources);

// What keeps a file of a RAPL domain closed, with the command that opens it.
std::string WhyRaplClosed(const std::string& reason);

}  // namespace inferometer

#endif  // INFEROMETER_PROBES_POWER_SOURCES_H_
