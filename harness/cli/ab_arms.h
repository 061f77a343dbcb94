// Arms as processes on this machine, for `ab` and `calibrate`.
#ifndef INFEROMETER_HARNESS_CLI_AB_ARMS_H_
#define INFEROMETER_HARNESS_CLI_AB_ARMS_H_

#include <string>
#include <vector>

#include "harness/gate/arm_process.h"
#include "harness/gate/interleave.h"

namespace inferometer {

// The flags of one run among many: those given, the preset `quick` unless another one is, no
// waiting before it: the order of the arms cancels what waiting would.
std::vector<std::string> FlagsOfArm(const std::vector<std::string>& given);

// Everything that interleaving needs. `aloud`: each run is announced on stderr.
Arms ArmsOf(const ArmCommand& base, const ArmCommand& head, double arm_time_limit_s, bool aloud);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_CLI_AB_ARMS_H_
