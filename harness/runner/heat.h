// How hot the processor is, how far from the point where it slows down, and how often it had to.
#ifndef INFEROMETER_HARNESS_RUNNER_HEAT_H_
#define INFEROMETER_HARNESS_RUNNER_HEAT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "probes/reader.h"

namespace inferometer {

// One look. What no file tells is empty.
struct Heat {
  std::optional<double> hottest_c;
  std::optional<double> margin_c;         // of the sensor that is nearest to its limit, until there
  std::optional<std::int64_t> throttles;  // thermal events since the machine started
  std::optional<double> clock_hz;         // of the fastest core just now
};

// The files are found once, so that a look costs little. Thermal zones count when they have a point
// at which the system slows down or stops; sensors when they sit in a processor.
class HeatWatch {
 public:
  explicit HeatWatch(const SystemRoot& root);

  // Whether anything here tells about heat.
  bool sees() const { return !sensors_.empty() || !counters_.empty(); }
  Heat Look() const;

 private:
  struct Sensor {
    std::string file;
    std::optional<double> limit_c;
  };
  SystemRoot root_;
  std::vector<Sensor> sensors_;
  std::vector<std::string> counters_, clocks_;
};

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_HEAT_H_
