// What the synthetic ops of ceilings cost, by hand.
#include <gtest/gtest.h>

#include <string>

#include "models/cost.h"
#include "models/op.h"

namespace inferometer {
namespace {

TEST(ProbeCost, CountsEveryArrayOncePerPass) {
  MemoryProbe probe{.bytes = 8192, .passes = 3, .streams = 8};
  EXPECT_EQ(CostOf(Op(probe), {}).bytes, 3 * 8192);
  probe.pattern = MemoryPattern::kFill;
  EXPECT_EQ(CostOf(Op(probe), {}).bytes, 3 * 8192);
  probe.pattern = MemoryPattern::kCopy;
  EXPECT_EQ(CostOf(Op(probe), {}).bytes, 3 * 2 * 8192);
  probe.pattern = MemoryPattern::kTriad;
  EXPECT_EQ(CostOf(Op(probe), {}).bytes, 3 * 3 * 8192);
  EXPECT_EQ(CostOf(Op(probe), {}).flops, 0);
  probe.pattern = MemoryPattern::kUpload;
  EXPECT_EQ(CostOf(Op(probe), {}).bytes, 3 * 8192) << "each byte crosses the bus once";
}

TEST(ProbeCost, OfTheOthersIsWhatTheySay) {
  EXPECT_EQ(CostOf(Op(LatencyProbe{kNoTensor, 4096, 10}), {}).bytes, 640);
  const Op compute = ComputeProbe{NumberType::kBf16, 1000, true};
  EXPECT_EQ(CostOf(compute, {}).flops, 1000);
  EXPECT_EQ(CostOf(compute, {}).bytes, 0);
  EXPECT_EQ(ArithmeticOf(compute), NumberType::kBf16);
  EXPECT_EQ(ArithmeticOf(MatMul{.format = QuantId::kBF16}), NumberType::kBf16);
  EXPECT_EQ(ArithmeticOf(MatMul{.format = QuantId::kF16}), NumberType::kFp16);
  EXPECT_EQ(ArithmeticOf(MatMul{.format = QuantId::kIQ4_NL}), NumberType::kInt8);
  EXPECT_EQ(CostOf(Op(ClockProbe{77}), {}).flops, 77);
  EXPECT_EQ(CostOf(Op(SubgroupProbe{9}), {}).flops, 9);
  EXPECT_EQ(CostOf(Op(LaunchProbe{5}), {}).flops, 0);
}

TEST(ProbeOperands, AreReadAndWrittenAsThePatternSays) {
  const auto writes = [](MemoryPattern pattern) {
    Op op = MemoryProbe{pattern, TensorId{0}, TensorId{1}, TensorId{2}, 4096};
    std::string written;
    ForEachOperand(op, [&](TensorId& id, Access access) {
      if (access == Access::kWrite) written += static_cast<char>('a' + static_cast<int>(id));
    });
    return written;
  };
  EXPECT_EQ(writes(MemoryPattern::kRead), "");
  EXPECT_EQ(writes(MemoryPattern::kCopy), "b");
  EXPECT_EQ(writes(MemoryPattern::kUpload), "b");
  EXPECT_EQ(writes(MemoryPattern::kDownload), "b");
  EXPECT_EQ(writes(MemoryPattern::kTriad), "a");
  EXPECT_EQ(writes(MemoryPattern::kFill), "a");
}

}  // namespace
}  // namespace inferometer
