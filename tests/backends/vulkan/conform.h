// The quick part of conformance on one device, for drivers and features beside the usual ones.
#ifndef INFEROMETER_TESTS_BACKENDS_VULKAN_CONFORM_H_
#define INFEROMETER_TESTS_BACKENDS_VULKAN_CONFORM_H_

#include <string>
#include <string_view>

#include "backends/device.h"

namespace inferometer::vulkan {

// Quick cases of every op against the reference; failures are the test's. `only`: the cases whose
// name begins so.
void ExpectOpsConform(Device& device, std::string_view only = "");
// A tiny model of a family of TinyShapes(): prefill in one step and in chunks, then four tokens.
void ExpectModelConforms(Device& device, const std::string& shape, const std::string& quant,
                         QuantId cache = QuantId::kF16);

}  // namespace inferometer::vulkan

#endif  // INFEROMETER_TESTS_BACKENDS_VULKAN_CONFORM_H_
