// What a step costs beside its kernels: where threads meet is counted and bounded, and a step whose
// kernels do nothing is timed, for people to read.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "backends/cpu/cpu.h"
#include "backends/cpu/stage.h"
#include "harness/runner/session.h"
#include "models/synth.h"
#include "tests/models/tiny_shapes.h"

namespace inferometer::cpu {
namespace {

// A model without weights: uploads reserve room, and nothing is read.
Model Hollow(std::string_view name, std::string_view quant) {
  Model model;
  model.name = name;
  model.quant = quant;
  model.shape = *FindShape(name);
  model.tensors = ModelTensors(model.shape, quant);
  model.load = [](std::size_t) { return std::span<const std::byte>(); };
  return model;
}

// Of an attention block: before the rotations, before attention, before its output is coded; of a
// gated MLP: before its input is normed, before the gate. And before the next block's norm.
TEST(Overhead, ThreadsMeetSixTimesALayerInADecodeStep) {
  for (const char* name : {"smollm2-135m", "llama-3.2-1b"}) {
    const Model model = Hollow(name, "q8_0");
    const ModelPlan plan = BuildPlan(model, {.positions = 64, .step_tokens = 1});
    const Lowered lowered = Lower(plan.ops, KernelSet{});
    const auto meetings = std::count_if(lowered.stages.begin(), lowered.stages.end(),
                                        [](const Stage& stage) { return stage.meet_single; });
    // Beside the layers: before the outputs are chosen, before they are normed, before the largest.
    EXPECT_LE(meetings, 6 * model.shape.layers + 3) << name;
  }
}

// A profile has every stage with its op, in order, and computes what a step does.
TEST(Overhead, AProfileHasEveryStageAndComputesTheSame) {
  const Model model = SynthesizeModel(TinyShapes().front(), "q4_0", 1);
  const auto device = OpenDevice(*InstructionSets().back().kernels, {.threads = 2});
  Session session(*device, model, {.positions = 8, .step_tokens = 4});
  const TokenAt tokens[] = {{.id = 3, .position = 0}, {.id = 5, .position = 1, .output = true}};
  session.Run(tokens);
  const std::vector<float> want = session.Logits();
  const StepProfile profile = session.Profile(tokens);
  EXPECT_EQ(session.Logits(), want);
  EXPECT_EQ(profile.why_not, "");
  const std::span<const Op> ops = session.plan().ops;
  ASSERT_EQ(profile.parts.size(), Lower(ops, KernelSet{}).stages.size());
  std::vector<bool> done(ops.size());
  std::size_t at = 0;
  for (const PartTime& part : profile.parts) {
    ASSERT_LT(part.first_op, ops.size());
    EXPECT_GE(part.first_op, at);
    EXPECT_GE(part.device_s, 0);
    at = part.first_op;
    if (part.ops == 1) done[at] = true;
  }
  EXPECT_EQ(std::count(done.begin(), done.end(), false), 0);
}

TEST(Overhead, OfAStepWithoutKernelsIsPrinted) {
  KernelSet nothing = *InstructionSets().back().kernels;
  for (auto& matmul : nothing.matmul) matmul = [](const MatMulArgs&) {};
  nothing.attention_f16 = [](const AttentionArgs&) {};
  nothing.quantize = [](const float*, std::int64_t, std::int8_t*, float*, float*, float*) {};
  nothing.gated_mul = [](const float*, const float*, float*, std::int64_t) {};
  nothing.scale_by = [](const float*, const float*, float, float*, std::int64_t) {};
  nothing.sum_of_squares = [](const float*, std::int64_t) { return 1.0f; };
  const Model model = Hollow("smollm2-135m", "q8_0");
  for (const int threads : {1, 2}) {
    const auto device = OpenDevice(nothing, {.threads = threads});
    Session session(*device, model, {.positions = 64, .step_tokens = 1});
    double least_s = 1;
    for (std::int32_t position = 0; position < 40; ++position) {
      const TokenAt token{.position = position, .output = true};
      least_s = std::min(least_s, session.Run({&token, 1}).host_s);
    }
    EXPECT_GT(least_s, 0);
    std::printf("%d threads: %.1f us a step of %s beside its kernels\n", threads, least_s * 1e6,
                model.name.c_str());
  }
}

}  // namespace
}  // namespace inferometer::cpu
