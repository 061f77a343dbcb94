// What measuring ceilings needs of the machine, taken from the probes' description.
#ifndef INFEROMETER_HARNESS_RUNNER_CEILING_SETUP_H_
#define INFEROMETER_HARNESS_RUNNER_CEILING_SETUP_H_

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

#include "backends/device.h"
#include "harness/workloads/ceiling_theory.h"
#include "harness/workloads/ceilings.h"
#include "results/record.h"

namespace inferometer {

// `each_s`: how long one ceiling is measured at a time.
CeilingOptions CeilingOptionsFor(const Device& device, const nlohmann::json& described,
                                 double each_s);

// Most bytes that the roofs' buffer takes on one CPU device once its way to read is chosen.
std::uint64_t CeilingBytes(const nlohmann::json& described);

TheoryInput TheoryInputOf(const nlohmann::json& described);

// Sizes of the caches that hold data, the first level first; 0 for a level that is not described.
std::vector<std::uint64_t> DataCaches(const nlohmann::json& described);

// timer_step and timer_overhead of the clock that everything is timed with.
std::vector<Ceiling> TimerCeilings(const std::function<double()>& now, double at_s);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_CEILING_SETUP_H_
