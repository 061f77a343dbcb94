// One plain sentence: what limits this device.
#ifndef INFEROMETER_HARNESS_REPORT_LIMIT_H_
#define INFEROMETER_HARNESS_REPORT_LIMIT_H_

#include <string>

#include "results/record.h"

namespace inferometer {

// Derived from the rooflines: the row that stands for the device is decode at the least depth (the
// fastest device that is no software renderer), else prefill. At 70 % of the roof that binds, or
// more, that roof is the limit; below 40 % the kernels are; between, both. Says so when no row can
// be held against a roof. Ends in a full stop.
std::string WhatLimits(const Result& result);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_REPORT_LIMIT_H_
