// Lowering: what is fused, and where threads must meet.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "backends/cpu/stage.h"

namespace inferometer::cpu {
namespace {

constexpr TensorId Id(std::uint32_t i) { return TensorId{i}; }

int Meetings(const Lowered& lowered, bool single) {
  return static_cast<int>(std::count_if(
      lowered.stages.begin(), lowered.stages.end(),
      [single](const Stage& stage) { return single ? stage.meet_single : stage.meet_many; }));
}

MatMul Project(TensorId in, TensorId out, bool accumulate = false) {
  return {.in = in,
          .weight = Id(50),
          .out = out,
          .format = QuantId::kQ8_0,
          .in_width = 64,
          .out_width = 64,
          .accumulate = accumulate};
}

// The attention half of a layer, as models/plan.cc emits it.
std::vector<Op> AttentionBlock() {
  const TensorId residual = Id(0), normed = Id(1), q = Id(2), k = Id(3), v = Id(4), mixed = Id(5);
  return {RmsNorm{residual, Id(20), normed, 64, 1, 1e-5f, Rows::kTokens},
          Project(normed, q),
          Project(normed, k),
          Project(normed, v),
          Rope{q, Id(21), 4, 16, 16},
          Rope{k, Id(21), 4, 16, 16},
          KvAppend{k, v, Id(30), Id(31), QuantId::kF16, 4, 16},
          Attention{q, Id(30), Id(31), mixed, QuantId::kF16, 4, 4, 16, 0.25f},
          Project(mixed, residual, true)};
}

TEST(Lower, FusesTheNormAndCodesTheInputOnce) {
  const Lowered lowered = Lower(AttentionBlock(), KernelSet{});
  int ready = 0;
  for (const Stage& stage : lowered.stages) {
    ready += std::holds_alternative<ReadyInput>(stage.what) ? 1 : 0;
    if (const Op* op = std::get_if<Op>(&stage.what)) {
      EXPECT_FALSE(std::holds_alternative<RmsNorm>(*op)) << "the norm belongs to its matmuls";
    }
  }
  EXPECT_EQ(ready, 2) << "one for q, k and v, one for the output";
}

TEST(Lower, MeetsOnlyWhereOneThreadNeedsWhatAnotherWrote) {
  const Lowered lowered = Lower(AttentionBlock(), KernelSet{});
  // Before the ropes (q, k), before attention, before its output is coded.
  EXPECT_EQ(Meetings(lowered, true), 3);
  // And before each matmul that reads rows which others made ready.
  EXPECT_EQ(Meetings(lowered, false), 5);
}

TEST(Lower, AValueThatOthersReadTooIsStillWritten) {
  const TensorId in = Id(0), normed = Id(1), out = Id(2), copy = Id(3);
  const Op ops[] = {RmsNorm{in, Id(20), normed, 64, 1, 1e-5f, Rows::kTokens}, Project(normed, out),
                    SelectOutputs{normed, copy, 64}};
  const Lowered lowered = Lower(ops, KernelSet{});
  const bool kept = std::any_of(lowered.stages.begin(), lowered.stages.end(), [](const Stage& s) {
    const Op* op = std::get_if<Op>(&s.what);
    return op != nullptr && std::holds_alternative<RmsNorm>(*op);
  });
  EXPECT_TRUE(kept);
}

TEST(Lower, CodesAreMadeAgainAfterTheTensorChanged) {
  const TensorId x = Id(0), y = Id(1), z = Id(2);
  const Op ops[] = {Project(x, y), Project(y, x), Project(x, z)};
  const Lowered lowered = Lower(ops, KernelSet{});
  const auto ready =
      std::count_if(lowered.stages.begin(), lowered.stages.end(),
                    [](const Stage& s) { return std::holds_alternative<ReadyInput>(s.what); });
  EXPECT_EQ(ready, 3) << "x, y, and x again";
}

TEST(Lower, Bf16WeightsMeetRoundedActivationsWhereKernelsWantThem) {
  const TensorId in = Id(0), normed = Id(1), out = Id(2), other = Id(3);
  MatMul brains = Project(normed, out), codes = Project(normed, other);
  brains.format = QuantId::kBF16;
  const Op ops[] = {RmsNorm{in, Id(20), normed, 64, 1, 1e-5f, Rows::kTokens}, brains, codes};
  KernelSet rounding{};
  rounding.brain_form = "dot";
  for (const bool wanted : {false, true}) {
    const Lowered lowered = Lower(ops, wanted ? rounding : KernelSet{});
    ASSERT_EQ(lowered.slots.size(), 1u) << "both products share a slot";
    for (const Forms& forms : {lowered.slots[0].few, lowered.slots[0].many}) {
      EXPECT_TRUE(forms.codes);
      EXPECT_EQ(forms.brains, wanted);
      EXPECT_EQ(forms.floats, !wanted);
      EXPECT_FALSE(forms.tiles);
    }
  }
  const Op plain[] = {brains};
  EXPECT_TRUE(Lower(plain, KernelSet{}).slots.empty()) << "floats are read where they stand";
  ASSERT_EQ(Lower(plain, rounding).slots.size(), 1u);
  EXPECT_EQ(Lower(plain, rounding).stages.back().slot, 0);
}

TEST(Lower, TilesAreForManyRowsOfMatricesThatHaveSuchKernels) {
  const TensorId in = Id(0), normed = Id(1), out = Id(2), other = Id(3);
  const MatMul tiled = Project(normed, out);
  MatMul coded = Project(normed, other);
  coded.format = QuantId::kQ6_K;
  KernelSet kernels{};
  kernels.tile_columns = 32;
  kernels.tile_matmul[static_cast<int>(tiled.format)] = [](const MatMulArgs&) {};
  const Op norm = RmsNorm{in, Id(20), normed, 64, 1, 1e-5f, Rows::kTokens};
  const auto forms_of = [&](std::vector<Op> ops) {
    const Lowered lowered = Lower(ops, kernels);
    EXPECT_EQ(lowered.slots.size(), 1u);
    return std::pair{lowered.slots[0].few, lowered.slots[0].many};
  };
  const auto [few, many] = forms_of({norm, tiled});
  EXPECT_TRUE(few.codes && !few.tiles);
  EXPECT_TRUE(many.tiles && !many.codes) << "nobody reads codes then";
  const auto [few_of_both, many_of_both] = forms_of({norm, tiled, coded});
  EXPECT_TRUE(few_of_both.codes && !few_of_both.tiles);
  EXPECT_TRUE(many_of_both.tiles && many_of_both.codes);
  MatMul halves = tiled;
  halves.format = QuantId::kF16;
  kernels.tile_matmul[static_cast<int>(QuantId::kF16)] = [](const MatMulArgs&) {};
  const auto [few_halves, many_halves] = forms_of({norm, halves});
  EXPECT_TRUE(few_halves.floats && !few_halves.tiles);
  EXPECT_TRUE(many_halves.tiles && many_halves.rests && !many_halves.floats);
  EXPECT_FALSE(many.rests) << "only f16 is more than bf16";
  // Of a tensor as it stands few rows are copied, so that both find them in one slot.
  const auto [few_plain, many_plain] = forms_of({halves});
  EXPECT_TRUE(few_plain.floats && many_plain.tiles && !many_plain.floats);
  MatMul narrow = tiled;
  narrow.in_width = 48;
  EXPECT_FALSE(MultipliesTiles(kernels, narrow.format, narrow.in_width));
}

}  // namespace
}  // namespace inferometer::cpu
