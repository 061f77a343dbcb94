// Reads a source of power again and again, from descriptors that stay open.
#ifndef INFEROMETER_PROBES_POWER_METER_H_
#define INFEROMETER_PROBES_POWER_METER_H_

#include <optional>
#include <string>
#include <vector>

#include "probes/power_sources.h"

namespace inferometer {

class PowerMeter {
 public:
  // Opens the files of the source. Throws Error(kRunFailed) naming one that cannot be opened.
  PowerMeter(const Reader& reader, PowerSource source);
  ~PowerMeter();
  PowerMeter(PowerMeter&& other) noexcept = default;
  PowerMeter& operator=(PowerMeter&&) = delete;

  const PowerSource& source() const { return source_; }

  // What each channel shows now: J counted or J left, or W. Empty for a channel that cannot be
  // read or whose guard says something else. Only pread; from one thread at a time.
  std::vector<std::optional<double>> Read() const;

 private:
  struct Files {
    int value = -1, volts = -1, guard = -1;
  };
  PowerSource source_;
  std::vector<Files> files_;  // by channel
};

}  // namespace inferometer

#endif  // INFEROMETER_PROBES_POWER_METER_H_
