// Which passes become one dispatch: matrices that meet the same columns, where they lie so that one
// dispatch can see them all.
#include "backends/vulkan/lower.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <set>

#include "backends/vulkan/shaders/interface.h"
#include "tests/backends/vulkan/driver.h"
#include "tests/backends/vulkan/lowered.h"
#include "tests/models/tiny_shapes.h"

namespace inferometer::vulkan {
namespace {

constexpr std::size_t kMatricesConstant = 4;

class Stacked : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto manifest = LavapipeManifest(); !manifest.empty()) {
      UseDriver(environment_, manifest);
    }
    std::string why_not;
    open_ = OpenFirstGpu(why_not);
    if (!open_.gpu) GTEST_SKIP() << "plans need a Vulkan device to be laid out on: " << why_not;
  }

  // The matrix dispatches of one-token steps.
  std::vector<Dispatch> Matrices(const PlanCase& plan, const Capabilities& can) {
    std::vector<Dispatch> matrices;
    std::vector<LoweredClass> classes = LowerPlan(*open_.gpu, can, plan);
    for (Dispatch& dispatch : classes.front().dispatches) {
      if (dispatch.pipeline.shader.starts_with("matvec.")) matrices.push_back(std::move(dispatch));
    }
    return matrices;
  }
  static std::vector<std::uint32_t> Counts(const std::vector<Dispatch>& dispatches) {
    std::vector<std::uint32_t> counts;
    for (const Dispatch& dispatch : dispatches) {
      counts.push_back(dispatch.pipeline.constants[kMatricesConstant]);
    }
    return counts;
  }
  static MatMulPush PushOf(const Dispatch& dispatch) {
    MatMulPush push;
    std::memcpy(&push, dispatch.push.data(), sizeof(push));
    return push;
  }

  ScopedEnvironment environment_;
  OpenGpu open_;
};

ModelShape OneLayer(const std::string& family) {
  for (ModelShape shape : TinyShapes()) {
    if (shape.family != family) continue;
    shape.layers = 1;
    return shape;
  }
  ADD_FAILURE() << family;
  return {};
}

TEST_F(Stacked, QueryKeyAndValueAreOneDispatch) {
  const ModelShape shape = OneLayer("llama");
  const auto matrices = Matrices(PlanOf(shape, "q8_0", 64, 1), SmallestDevice());
  // q, k and v; output of attention; gate and up; down; head.
  ASSERT_EQ(Counts(matrices), (std::vector<std::uint32_t>{3, 1, 1, 1, 1}));
  const Dispatch& first = matrices[0];
  const MatMulPush push = PushOf(first);
  const std::int64_t q = shape.heads * shape.head_dim, k = shape.kv_heads * shape.head_dim;
  EXPECT_EQ(push.matrices[0].rows, q);
  EXPECT_EQ(push.matrices[1].rows, k);
  EXPECT_EQ(push.matrices[2].rows, k);
  EXPECT_EQ(push.matrices[1].out_width, k);
  // Each matrix has its own weights and its own room for results, inside what is bound.
  std::map<std::uint32_t, std::int64_t> rows_at;  // by where the quants begin, in 16 bytes
  for (const MatrixPush& matrix : push.matrices) rows_at[matrix.quants_at] = matrix.rows;
  ASSERT_EQ(rows_at.size(), 3u);
  std::int64_t end = 0;
  for (const auto& [at, height] : rows_at) {
    EXPECT_GE(at, end);
    end = at + height * shape.width / 16;
  }
  EXPECT_GE(first.bindings[BIND_WEIGHT].bytes, 16 * static_cast<std::uint64_t>(end));
  EXPECT_GE(push.matrices[1].out_at, q);
  EXPECT_GE(push.matrices[2].out_at, push.matrices[1].out_at + k);
  EXPECT_GE(first.bindings[BIND_OUT].bytes, 4 * (push.matrices[2].out_at + k));
  // Rows of different matrices are never in one workgroup.
  gpu::StepCounts counts;
  counts.tokens = counts.outputs = 1;
  const auto rows = first.pipeline.constants[1];
  EXPECT_EQ(first.groups(counts)[0], (q + rows - 1) / rows + 2 * ((k + rows - 1) / rows));
  EXPECT_EQ(first.ops, 3u);
}

TEST_F(Stacked, BiasesGoAlong) {
  const ModelShape shape = OneLayer("qwen2");
  const auto matrices = Matrices(PlanOf(shape, "f16", 64, 1), SmallestDevice());
  ASSERT_EQ(Counts(matrices), (std::vector<std::uint32_t>{3, 1, 1, 1, 1}));
  const MatMulPush push = PushOf(matrices[0]);
  EXPECT_EQ(push.flags, FLAG_BIAS);
  std::set<std::uint32_t> biases;
  for (const MatrixPush& matrix : push.matrices) {
    biases.insert(matrix.bias_at);
    EXPECT_LE(4 * (matrix.bias_at + matrix.rows), matrices[0].bindings[BIND_BIAS].bytes);
  }
  EXPECT_EQ(biases.size(), 3u);
}

TEST_F(Stacked, OtherFormatsStayApart) {
  const ModelShape shape = OneLayer("llama");
  PlanCase plan = PlanOf(shape, "q8_0", 64, 1);
  for (Op& op : plan.ops) {
    auto* matmul = std::get_if<MatMul>(&op);
    if (matmul == nullptr || matmul->out_width != shape.kv_heads * shape.head_dim) continue;
    matmul->format = QuantId::kF16;
    plan.tensors[static_cast<std::uint32_t>(matmul->weight)].format = QuantId::kF16;
    break;  // the keys' alone
  }
  EXPECT_EQ(Counts(Matrices(plan, SmallestDevice())),
            (std::vector<std::uint32_t>{1, 1, 1, 1, 1, 1, 1}));
}

TEST_F(Stacked, WhatADeviceCannotSeeAtOnceStaysApart) {
  const ModelShape shape = OneLayer("llama");
  Capabilities can = SmallestDevice();
  // 512 rows of 256 bytes and their scales, but a little less.
  can.most_range = 512 * (256 + 16) - 1;
  const auto matrices = Matrices(PlanOf(shape, "q8_0", 64, 1), can);
  EXPECT_LT(Counts(matrices).at(0), 3u);
  for (const Dispatch& dispatch : matrices) {
    if (dispatch.pipeline.constants[kMatricesConstant] == 1) continue;
    EXPECT_LE(dispatch.bindings[BIND_WEIGHT].bytes, can.most_range);
  }
}

}  // namespace
}  // namespace inferometer::vulkan
