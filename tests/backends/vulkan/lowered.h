// Plans put into dispatches without a device that could run them: which pipelines the backend uses.
#ifndef INFEROMETER_TESTS_BACKENDS_VULKAN_LOWERED_H_
#define INFEROMETER_TESTS_BACKENDS_VULKAN_LOWERED_H_

#include <string>
#include <vector>

#include "backends/vulkan/engine.h"
#include "backends/vulkan/lower.h"
#include "models/shape.h"

namespace inferometer::vulkan {

// Ops over tensors; ids index the list.
struct PlanCase {
  std::string name;
  std::vector<TensorDesc> tensors;
  std::vector<Op> ops;
  bool (*runs_on)(const Capabilities& can) =
      nullptr;  // devices refuse it otherwise; null: none does
};

// Every case of conformance, tiny models of every family, every synthetic load.
std::vector<PlanCase> AllPlans();
// A model of the shape, with room for `positions` and steps of up to `tokens`.
PlanCase PlanOf(const ModelShape& shape, const std::string& quant, std::int64_t positions,
                std::int64_t tokens, QuantId cache = QuantId::kF16);

// A driver's first device opened, and what it can do.
struct OpenGpu {
  std::shared_ptr<Instance> instance;
  Capabilities can;
  std::unique_ptr<Gpu> gpu;
};
// Without a gpu, and with the reason, when there is no driver or no device.
OpenGpu OpenFirstGpu(std::string& why_not, const Overrides& overrides = {});

// The dispatches, copies left out, of a plan's recordings for each class of steps, as a device that
// can do `can` would get them; none for what such a device refuses. Tensors are placed on `gpu`.
struct LoweredClass {
  RowClass rows;
  std::vector<Dispatch> dispatches;
};
std::vector<LoweredClass> LowerPlan(Gpu& gpu, const Capabilities& can, const PlanCase& plan);

// What the smallest devices offer that run Vulkan 1.1, by public reports of phones.
Capabilities SmallestDevice();

}  // namespace inferometer::vulkan

#endif  // INFEROMETER_TESTS_BACKENDS_VULKAN_LOWERED_H_
