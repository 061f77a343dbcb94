// Kernels beyond a set: taken where the processor has them, and right with and without.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "backends/cpu/cpu.h"
#include "harness/runner/conformance.h"

namespace inferometer::cpu {
namespace {

const KernelSet* SetNamed(std::string_view name) {
  for (const InstructionSet& set : InstructionSets()) {
    if (set.kernels->name == name) return set.kernels;
  }
  return nullptr;
}

TEST(Extras, BelongToSetsThereAreAndFollowTheProcessor) {
  CpuFeatures all;
  all.avx512_bf16 = all.amx_bf16 = all.bf16 = true;
  for (const ExtraKernels& extra : AllExtraKernels()) {
    const KernelSet* set = SetNamed(extra.set);
    ASSERT_NE(set, nullptr) << extra.set;
    EXPECT_EQ(WithExtras(*set, {}).brain_form, nullptr);
    const KernelSet with = WithExtras(*set, all);
    EXPECT_NE(with.brain_form, nullptr);
    EXPECT_NE(with.matmul[static_cast<int>(QuantId::kBF16)],
              set->matmul[static_cast<int>(QuantId::kBF16)]);
    EXPECT_EQ(with.matmul[static_cast<int>(QuantId::kF16)],
              set->matmul[static_cast<int>(QuantId::kF16)]);
  }
  EXPECT_EQ(WithExtras(*SetNamed("scalar"), all).brain_form, nullptr);
}

// Conformance runs on devices with all that this processor has; here are the same without.
TEST(Extras, SetsConformWithoutThem) {
  const CpuFeatures features = ReadCpuFeatures();
  const auto reference = OpenReference();
  int ran = 0;
  for (const ExtraKernels& extra : AllExtraKernels()) {
    const auto set =
        std::find_if(InstructionSets().begin(), InstructionSets().end(),
                     [&extra](const InstructionSet& s) { return s.kernels->name == extra.set; });
    if (!set->runs_on(features) || !extra.runs_on(features)) continue;
    const auto without = OpenDevice(*set->kernels, {.threads = 2});
    const auto with = OpenDevice(WithExtras(*set->kernels, features), {.threads = 2});
    EXPECT_NE(without->Info().kernels, with->Info().kernels);
    const KernelSet& taken = WithExtras(*set->kernels, features);
    for (const OpCase& c : ConformanceCases()) {
      const auto* op = std::get_if<MatMul>(&c.op);
      if (op == nullptr) continue;
      const bool tiles = MultipliesTiles(taken, op->format, op->in_width) &&
                         static_cast<int>(c.tokens.size()) >= taken.tile_columns;
      if (op->format != QuantId::kBF16 && !tiles) continue;
      const CaseResult result = RunCase(*without, *reference, c);
      EXPECT_TRUE(result.Pass()) << c.name << ": " << result.nmse << " against " << result.limit;
      ++ran;
    }
  }
  if (ran == 0) GTEST_SKIP() << "this processor has no kernels beyond its sets";
}

}  // namespace
}  // namespace inferometer::cpu
