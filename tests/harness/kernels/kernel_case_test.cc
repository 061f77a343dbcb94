// The list of cases: every op of a model's plan, once, with names that tell them apart.
#include "harness/kernels/kernel_case.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "tests/models/tiny_shapes.h"

namespace inferometer {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsSubsetOf;
using ::testing::Not;

ModelShape Shape(std::string_view name) {
  for (const ModelShape& shape : TinyShapes()) {
    if (shape.name == name) return shape;
  }
  throw std::runtime_error("no such tiny shape");
}

std::vector<std::string> Names(const std::vector<Model>& models, const KernelPoints& points) {
  std::vector<std::string> names;
  for (const KernelCase& c : KernelCases(models, points)) names.push_back(c.name);
  return names;
}

TEST(KernelCases, NamesOpFormatShapeAndStep) {
  const Model model = SynthesizeModel(Shape("tiny-llama"), "q8_0", 1);
  EXPECT_THAT(Names({model}, {.tokens = {1}, .depths = {0, 32}, .kv = {QuantId::kF16}}),
              ElementsAre("embed/q8_0/256x320/tokens:1", "rms_norm/f32/256/tokens:1",
                          "matmul/q8_0/256x256/tokens:1", "matmul/q8_0/256x128/tokens:1",
                          "rope/f32/4x64/tokens:1", "rope/f32/2x64/tokens:1",
                          "kv_append/f16/2x64/tokens:1", "attention/f16/4x2x64/tokens:1/depth:0",
                          "matmul/q8_0/256x512/tokens:1", "gated_mul/f32/512/tokens:1",
                          "matmul/q8_0/512x256/tokens:1", "select_outputs/f32/256/outputs:1",
                          "rms_norm/f32/256/outputs:1", "matmul/q8_0/256x320/outputs:1",
                          "argmax/f32/320/outputs:1", "attention/f16/4x2x64/tokens:1/depth:32"));
}

TEST(KernelCases, HasEveryQuantAndCacheFormatOnce) {
  const std::vector<Model> models = {SynthesizeModel(Shape("tiny-llama"), "q4_0", 1),
                                     SynthesizeModel(Shape("tiny-llama"), "q8_0", 1)};
  const std::vector<std::string> names =
      Names(models, {.tokens = {1, 16}, .depths = {0}, .kv = {QuantId::kF16, QuantId::kQ8_0}});
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  EXPECT_THAT((std::vector<std::string>{
                  "matmul/q4_0/256x256/tokens:1", "matmul/q4_0/256x256/tokens:16",
                  "matmul/q8_0/256x256/tokens:1", "matmul/q8_0/256x256/tokens:16",
                  "attention/f16/4x2x64/tokens:16/depth:0",
                  "attention/q8_0/4x2x64/tokens:16/depth:0", "argmax/f32/320/outputs:1"}),
              IsSubsetOf(names));
  EXPECT_THAT(names, Not(Contains("argmax/f32/320/outputs:16")));
}

TEST(KernelCases, HasTheOpsOfExperts) {
  const Model model = SynthesizeModel(Shape("tiny-qwen3moe"), "q8_0", 1);
  std::set<std::string> ops;
  for (const KernelCase& c : KernelCases({&model, 1}, {})) ops.emplace(NameOf(c.op));
  for (const char* op : {"top_experts", "expert_matmul", "expert_sum"}) {
    EXPECT_THAT(ops, Contains(op));
  }
}

TEST(KernelCases, UsesNoTensorTwiceAndHasRoomForTheStepAlone) {
  const Model model = SynthesizeModel(Shape("tiny-qwen3moe"), "q8_0", 1);
  for (const KernelCase& c : KernelCases({&model, 1}, {.tokens = {3}, .depths = {5}})) {
    std::set<TensorId> seen;
    Op op = c.op;
    ForEachOperand(op,
                   [&](TensorId& id, Access) { EXPECT_TRUE(seen.insert(id).second) << c.name; });
    EXPECT_EQ(seen.size(), c.tensors.size());
    for (const TensorDesc& desc : c.tensors) {
      if (desc.role == TensorRole::kActivation) {
        EXPECT_EQ(desc.dims[1], std::ssize(c.tokens));
      }
      if (desc.role == TensorRole::kKeyCache) {
        EXPECT_EQ(desc.dims[2], 8) << c.name;
      }
    }
    EXPECT_TRUE(c.tokens.back().output);
    EXPECT_EQ(c.tokens.front().position, 5);
  }
}

}  // namespace
}  // namespace inferometer
