// Whether a device's kernels compute what the reference does, before it is measured for the first
// time: drivers that err are common, and more careful kernels often do where the best do not.
#ifndef INFEROMETER_HARNESS_RUNNER_KERNEL_CHOICE_H_
#define INFEROMETER_HARNESS_RUNNER_KERNEL_CHOICE_H_

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "backends/device.h"
#include "models/op.h"

namespace inferometer {

struct KernelChoice {
  std::vector<std::string> without;  // what the device left out, in the order of its words
  std::string wrong;                 // what the first kernels got wrong; empty: nothing
  int cases = 0;                     // run on the kernels that stayed; 0: known from an earlier run
};

// Runs small cases of each kind of op in `ops`, in its format, on the device, and lets it be more
// careful until none fails or there is nothing left to leave out; then whoever checks whole models
// will say so. Ends after two seconds of checking one set of kernels. What was found is kept in
// `folder`, for this device, driver and build; an empty path keeps nothing. Nothing may be
// uploaded.
KernelChoice ChooseKernels(Device& device, std::span<const Op> ops,
                           const std::filesystem::path& folder, const std::function<double()>& now);

// Makes another opened device as careful.
void Repeat(const KernelChoice& choice, Device& device);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_KERNEL_CHOICE_H_
