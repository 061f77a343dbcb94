// What every result says about the run as a whole.
#ifndef INFEROMETER_HARNESS_RUNNER_RUN_INFO_H_
#define INFEROMETER_HARNESS_RUNNER_RUN_INFO_H_

#include <string>

#include "results/record.h"

namespace inferometer {

// The time of day, RFC 3339 in UTC.
std::string NowUtc();

// An id made of what no other run shares: its start to the nanosecond, its program and its figures.
std::string RunIdOf(const Result& result, double start_s);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_RUN_INFO_H_
