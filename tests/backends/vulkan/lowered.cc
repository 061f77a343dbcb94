// Lowers plans as backends/vulkan/plan.cc does before it records them.
#include "tests/backends/vulkan/lowered.h"

#include <algorithm>
#include <utility>

#include "harness/runner/conformance.h"
#include "models/model.h"
#include "models/plan.h"
#include "tests/models/tiny_shapes.h"

namespace inferometer::vulkan {
namespace {

TensorDesc Buffer(std::int64_t bytes) {
  return {"buffer", TensorRole::kBuffer, QuantId::kF32, {bytes, 1, 1, 1}};
}

void AddProbes(std::vector<PlanCase>& plans) {
  constexpr std::int64_t kBytes = 1 << 20;
  PlanCase probes;
  probes.name = "probes";
  probes.tensors.assign(3, Buffer(kBytes));
  constexpr TensorId kA{0}, kB{1}, kC{2};
  probes.ops = {
      MemoryProbe{.pattern = MemoryPattern::kRead, .a = kA, .bytes = kBytes},
      MemoryProbe{.pattern = MemoryPattern::kCopy, .a = kA, .b = kB, .bytes = kBytes},
      MemoryProbe{.pattern = MemoryPattern::kTriad, .a = kA, .b = kB, .c = kC, .bytes = kBytes},
      MemoryProbe{.pattern = MemoryPattern::kFill, .a = kA, .bytes = kBytes},
      LatencyProbe{.a = kA, .bytes = kBytes, .hops = 8},
      ComputeProbe{.type = NumberType::kFp32, .operations = 1000},
      LaunchProbe{2}};
  plans.push_back(std::move(probes));
  const auto peak = [](NumberType type) { return ComputeProbe{.type = type, .operations = 1000}; };
  plans.push_back({"fp16 peak", {}, {peak(NumberType::kFp16)}, [](const Capabilities& can) {
                     return can.fp16;
                   }});
  plans.push_back({"int8 peak", {}, {peak(NumberType::kInt8)}, [](const Capabilities& can) {
                     return can.dot;
                   }});
  plans.push_back({"fp16 matrix peak",
                   {},
                   {ComputeProbe{.type = NumberType::kFp16, .operations = 1000, .matrix = true}},
                   [](const Capabilities& can) { return can.matrix; }});
  plans.push_back({"sums of subgroups", {}, {SubgroupProbe{8}}, [](const Capabilities& can) {
                     return can.subgroup;
                   }});
}

std::int64_t RoomOf(std::int64_t limit, std::int64_t otherwise) {
  return limit == StepLimits::kNone ? otherwise : limit;
}

}  // namespace

PlanCase PlanOf(const ModelShape& shape, const std::string& quant, std::int64_t positions,
                std::int64_t tokens, QuantId cache) {
  const Model model = SynthesizeModel(shape, quant, 1);
  ModelPlan plan = BuildPlan(
      model, {.positions = positions, .step_tokens = tokens, .outputs = 1, .kv_format = cache});
  return {shape.name + " " + quant, std::move(plan.tensors), std::move(plan.ops)};
}

std::vector<PlanCase> AllPlans() {
  std::vector<PlanCase> plans;
  for (const OpCase& c : ConformanceCases()) {
    PlanCase& plan = plans.emplace_back();
    plan.name = c.name;
    plan.ops = {c.op};
    for (const CaseTensor& tensor : c.tensors) plan.tensors.push_back(tensor.desc);
  }
  for (const ModelShape& shape : TinyShapes()) {
    for (const char* quant : {"f32", "f16", "bf16", "q8_0", "q4_0", "q5_1", "q4_k_m"}) {
      plans.push_back(PlanOf(shape, quant, 128, 64));
      plans.push_back(PlanOf(shape, quant, 128, 64, QuantId::kQ8_0));
    }
  }
  AddProbes(plans);
  return plans;
}

OpenGpu OpenFirstGpu(std::string& why_not, const Overrides& overrides) {
  OpenGpu open;
  open.instance = Instance::Open(why_not);
  if (!open.instance) return open;
  open.can = ReadCapabilities(*open.instance, open.instance->devices()[0], overrides, why_not);
  if (!why_not.empty()) return open;
  open.gpu = std::make_unique<Gpu>(open.instance, open.instance->devices()[0], open.can);
  return open;
}

std::vector<LoweredClass> LowerPlan(Gpu& gpu, const Capabilities& can, const PlanCase& plan) {
  if (plan.runs_on != nullptr && !plan.runs_on(can)) return {};
  Memory memory(gpu);
  Transfer transfer(gpu, memory);
  Tensors tensors(gpu, memory, transfer);
  for (const TensorDesc& desc : plan.tensors) tensors.Add(desc, {}, nullptr);  // ids in turn
  const StepLimits limits =
      CheckOps(plan.ops, [&](TensorId id) -> const TensorDesc& { return tensors.At(id).desc; });
  const std::int64_t tokens = RoomOf(limits.tokens, RoomOf(limits.outputs, 1));
  const std::int64_t outputs = RoomOf(limits.outputs, 1);
  PlanBuffers buffers;
  buffers.step_layout = gpu::StepBuffer(tokens, std::max<std::int64_t>(outputs, 1), kTileTokens);
  for (const Op& op : plan.ops) {
    if (const auto* rope = std::get_if<Rope>(&op)) buffers.rope_tables[rope->frequencies] = {};
  }
  std::vector<std::int64_t> classes(std::begin(kRowClasses), std::end(kRowClasses));
  classes.push_back(kManyRows);
  std::vector<LoweredClass> lowered;
  for (std::size_t t = 0; t < classes.size(); ++t) {
    if (t > 0 && classes[t - 1] >= tokens) break;
    const auto passes = gpu::MakePasses(plan.ops, OptionsFor({classes[t], 1}));
    for (std::size_t s = 0; s <= t; ++s) {
      if (s > 0 && classes[s - 1] >= outputs) break;
      const RowClass rows{classes[t], classes[s]};
      auto dispatches = Lowering(can, tensors, buffers, rows).Lower(passes);
      std::erase_if(dispatches, [](const Dispatch& d) { return d.pipeline.shader.empty(); });
      lowered.push_back({rows, std::move(dispatches)});
    }
  }
  return lowered;
}

Capabilities SmallestDevice() {
  Capabilities can;
  can.name = "the smallest phone";
  can.api_version = VK_API_VERSION_1_1;
  can.unified = true;
  can.workgroup = 64;
  can.most_invocations = 128;
  can.shared_bytes = 16384;
  can.push_bytes = 128;
  can.most_range = std::uint64_t{128} << 20;
  can.most_allocation = std::uint64_t{1} << 30;
  return can;
}

}  // namespace inferometer::vulkan
