// Which ops become one pass, and which must not.
#include "backends/gpu/passes.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "models/model.h"
#include "models/plan.h"
#include "tests/models/tiny_shapes.h"

namespace inferometer::gpu {
namespace {

constexpr TensorId kResidual{0}, kNormed{1}, kWeight{2}, kGate{3}, kUp{4}, kOther{5}, kMatrix{6},
    kMatrix2{7}, kK{8}, kV{9}, kKeys{10}, kValues{11}, kFrequencies{12}, kOut{13};

MatMul Project(TensorId in, TensorId weight, TensorId out, bool accumulate = false) {
  return {.in = in,
          .weight = weight,
          .out = out,
          .in_width = 64,
          .out_width = 64,
          .accumulate = accumulate};
}
RmsNorm Norm(TensorId in, TensorId out) { return {in, kWeight, out, 64, 1, 1e-5f, Rows::kTokens}; }
const GatedMul kGated{kGate, kUp, kGate, 64, 1};

std::string Kinds(const std::vector<Pass>& passes) {
  std::string kinds;
  for (const Pass& pass : passes) kinds += "omgxr"[pass.work.index()];
  return kinds;
}
std::string KindsOf(std::vector<Op> ops, PassOptions options = {}) {
  return Kinds(MakePasses(ops, options));
}

TEST(Passes, AMatmulAppliesItsNorm) {
  const std::vector<Op> ops = {Norm(kResidual, kNormed), Project(kNormed, kMatrix, kOut),
                               Project(kNormed, kMatrix2, kOther)};
  const auto passes = MakePasses(ops, {});
  ASSERT_EQ(Kinds(passes), "mm");
  const auto& first = std::get<MatMulPass>(passes[0].work);
  EXPECT_EQ(first.op.in, kResidual);
  EXPECT_EQ(first.norm.weight, kWeight);
  EXPECT_EQ(first.norm.eps, 1e-5f);
  EXPECT_EQ(KindsOf(ops, {.norms_on_the_way = false}), "omm");
}

TEST(Passes, ANormStaysWhereSomebodyElseNeedsIt) {
  // Another op reads it.
  EXPECT_EQ(KindsOf({Norm(kResidual, kNormed), Project(kNormed, kMatrix, kOut),
                     GatedMul{kNormed, kOther, kOther, 64, 1}}),
            "omo");
  // Its input changes before the last matmul.
  EXPECT_EQ(KindsOf({Norm(kResidual, kNormed), Project(kOther, kMatrix, kResidual, true),
                     Project(kNormed, kMatrix, kOut)}),
            "omm");
  // The matmul would write what others still have to read.
  EXPECT_EQ(KindsOf({Norm(kResidual, kNormed), Project(kNormed, kMatrix, kResidual, true)}), "om");
  // Nobody reads it: what it wrote may be asked for.
  EXPECT_EQ(KindsOf({Norm(kResidual, kNormed)}), "o");
  // In place.
  EXPECT_EQ(KindsOf({Norm(kNormed, kNormed), Project(kNormed, kMatrix, kOut)}), "m");
}

TEST(Passes, GateAndUpAreOnePass) {
  const std::vector<Op> ops = {Norm(kResidual, kNormed), Project(kNormed, kMatrix, kGate),
                               Project(kNormed, kMatrix2, kUp), kGated,
                               Project(kGate, kMatrix, kResidual, true)};
  const auto passes = MakePasses(ops, {});
  ASSERT_EQ(Kinds(passes), "gm");
  const auto& gated = std::get<GatedMatMulPass>(passes[0].work);
  EXPECT_EQ(gated.gate.weight, kMatrix);
  EXPECT_EQ(gated.up.weight, kMatrix2);
  EXPECT_EQ(gated.gate.in, kResidual);
  EXPECT_EQ(gated.norm.weight, kWeight);
  EXPECT_EQ(gated.out, kGate);
  EXPECT_EQ(passes[0].first_op, 1u);
  EXPECT_EQ(passes[0].ops, 3u);
  ForEachTensor(passes[0], [](TensorId id, Access access) {
    EXPECT_NE(id, kUp);
    EXPECT_EQ(access == Access::kWrite, id == kGate);
  });
  EXPECT_EQ(KindsOf(ops, {.gated_matmuls = false}), "mmom");
  // In the other order.
  EXPECT_EQ(KindsOf({ops[0], ops[2], ops[1], ops[3], ops[4]}), "gm");
}

TEST(Passes, GateAndUpStayApartWhereTheyDiffer) {
  MatMul up = Project(kNormed, kMatrix2, kUp);
  up.format = QuantId::kF16;
  EXPECT_EQ(KindsOf({Project(kNormed, kMatrix, kGate), up, kGated}), "mmo");
  // `up` is read once more.
  EXPECT_EQ(KindsOf({Project(kNormed, kMatrix, kGate), Project(kNormed, kMatrix2, kUp), kGated,
                     Project(kUp, kMatrix, kOut)}),
            "mmom");
  // The result would overwrite the input.
  EXPECT_EQ(KindsOf({Project(kNormed, kMatrix, kGate), Project(kNormed, kMatrix2, kUp),
                     GatedMul{kGate, kUp, kNormed, 64, 1}}),
            "mmo");
}

TEST(Passes, RopeAndAppendAreOnePassAndTakeTheHeadNorms) {
  const Rope q{kOther, kFrequencies, 4, 16, 16, RopeStyle::kHalves};
  const Rope k{kK, kFrequencies, 2, 16, 16, RopeStyle::kHalves};
  const KvAppend append{kK, kV, kKeys, kValues, QuantId::kF16, 2, 16};
  EXPECT_EQ(KindsOf({q, k, append}), "r");
  EXPECT_EQ(KindsOf({k, q, append}), "r");
  EXPECT_EQ(KindsOf({q, k, append}, {.rope_append = false}), "ooo");
  const RmsNorm norm_q{kOther, kWeight, kOther, 16, 4, 1e-6f, Rows::kTokens};
  const RmsNorm norm_k{kK, kMatrix, kK, 16, 2, 1e-6f, Rows::kTokens};
  const auto passes = MakePasses(std::vector<Op>{norm_q, norm_k, q, k, append}, {});
  ASSERT_EQ(Kinds(passes), "r");
  const auto& pass = std::get<RopeAppendPass>(passes[0].work);
  EXPECT_EQ(pass.q_norm.weight, kWeight);
  EXPECT_EQ(pass.k_norm.weight, kMatrix);
  // k is still needed: it must be rotated where it stands.
  EXPECT_EQ(KindsOf({q, k, append, Project(kK, kMatrix, kOut)}), "ooom");
}

// Every op of every family's plan is in one pass, and a barrier stands wherever a pass depends on
// an earlier one: checked against a replay that remembers the last writer of each tensor.
std::size_t AlikeOf(std::vector<Op> ops, std::size_t most = 3) {
  return AlikeMatMuls(MakePasses(ops, {}), most);
}

TEST(AlikeMatMuls, ReadTheSameColumnsAndNothingThatTheyWrite) {
  const MatMul first = Project(kResidual, kMatrix, kOut);
  const MatMul second = Project(kResidual, kMatrix2, kOther);
  EXPECT_EQ(AlikeMatMuls({}, 3), 0u);
  EXPECT_EQ(AlikeOf({first, second}), 2u);
  EXPECT_EQ(AlikeOf({first, second}, 1), 1u);
  EXPECT_EQ(AlikeOf({first}), 1u);
  EXPECT_EQ(AlikeOf({kGated, first}), 1u);
  EXPECT_EQ(AlikeOf({first, kGated, second}), 1u);
  EXPECT_EQ(AlikeOf({Norm(kResidual, kNormed), Project(kNormed, kMatrix, kOut),
                     Project(kNormed, kMatrix2, kOther)}),
            2u);
  // Another input, the same output, an input that the first one writes.
  EXPECT_EQ(AlikeOf({first, Project(kK, kMatrix2, kOther)}), 1u);
  EXPECT_EQ(AlikeOf({first, Project(kResidual, kMatrix2, kOut)}), 1u);
  EXPECT_EQ(AlikeOf({first, Project(kResidual, kMatrix2, kResidual)}), 1u);
}

TEST(AlikeMatMuls, MayDifferInTheirRowsBiasesAndSums) {
  const MatMul first = Project(kResidual, kMatrix, kOut);
  const auto differs = [&first](auto change) {
    MatMul second = Project(kResidual, kMatrix2, kOther);
    change(second);
    return AlikeOf({first, second}) == 1;
  };
  EXPECT_FALSE(differs([](MatMul& m) { m.out_width = 32; }));
  EXPECT_TRUE(differs([](MatMul& m) { m.in_width = 32; }));
  EXPECT_TRUE(differs([](MatMul& m) { m.format = QuantId::kQ6_K; }));
  EXPECT_TRUE(differs([](MatMul& m) { m.rows = Rows::kOutputs; }));
  EXPECT_FALSE(differs([](MatMul& m) { m.accumulate = true; }));
  EXPECT_FALSE(differs([](MatMul& m) { m.bias = kV; }));
}

TEST(Passes, CoverEveryPlanAndOrderIt) {
  for (const ModelShape& shape : TinyShapes()) {
    const Model model = SynthesizeModel(shape, "q8_0", 1);
    const ModelPlan plan = BuildPlan(model, {.positions = 16, .step_tokens = 4});
    for (const bool fused : {false, true}) {
      const auto passes = MakePasses(plan.ops, {fused, fused, fused});
      std::size_t covered = 0, norms = 0, barriers = 0;
      Hazards hazards;
      std::map<std::uint64_t, std::size_t> written;  // resource -> epoch of its last write
      std::size_t epoch = 0;
      for (const Pass& pass : passes) {
        covered += pass.ops;
        if (hazards.Before(pass.touches)) ++epoch, ++barriers;
        for (const Touch& touch : pass.touches) {
          const auto it = written.find(touch.resource);
          if (it != written.end()) {
            EXPECT_LT(it->second, epoch) << shape.name;
          }
        }
        for (const Touch& touch : pass.touches) {
          if (touch.access != Access::kRead) written[touch.resource] = epoch;
        }
        if (const auto* m = std::get_if<MatMulPass>(&pass.work)) {
          norms += m->norm.weight != kNoTensor;
        }
      }
      EXPECT_LT(barriers, passes.size());
      if (!fused) {
        EXPECT_EQ(covered, plan.ops.size());
        EXPECT_EQ(norms, 0u);
      } else {
        EXPECT_LT(passes.size(), plan.ops.size() - 5 * static_cast<std::size_t>(shape.layers));
        EXPECT_GT(norms, 0u);
      }
    }
  }
}

}  // namespace
}  // namespace inferometer::gpu
