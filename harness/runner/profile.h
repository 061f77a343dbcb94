// Where the time of a model's steps goes on a device.
#ifndef INFEROMETER_HARNESS_RUNNER_PROFILE_H_
#define INFEROMETER_HARNESS_RUNNER_PROFILE_H_

#include <string>
#include <vector>

#include "backends/device.h"
#include "harness/runner/bench.h"
#include "results/profile.h"

namespace inferometer {

// "matmul q8_0 576x1536", "attention f16", "rms_norm".
std::string LabelOf(const Op& op);

// The parts of profiles of one and the same step, which give each part its median; those that do
// the same work together, longest first. `ops` are the plan's.
std::vector<ProfilePart> GroupParts(std::span<const StepProfile> profiles, std::span<const Op> ops,
                                    const Step& step);

// Of one token at depth 0 and at 2048 (or as deep as the cache goes), and of a prompt that fills a
// step, on the session with room for most; one with a reason where there is none. What caches hold
// is overwritten.
std::vector<Profile> ProfileModel(Bench& bench, const Model& model);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_PROFILE_H_
