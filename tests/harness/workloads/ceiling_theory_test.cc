// Ceilings against clock x width x pipes and transfers x channels.
#include "harness/workloads/ceiling_theory.h"

#include <gmock/gmock.h>

namespace inferometer {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Ceiling Make(const std::string& metric, double value, const std::string& device = "cpu:avx2",
             int threads = 2) {
  Ceiling ceiling;
  ceiling.metric = metric, ceiling.value = value, ceiling.device = device;
  ceiling.threads = threads, ceiling.backend = "cpu";
  return ceiling;
}

TEST(CycleBounds, FollowWidthAndPipes) {
  TheoryInput zen5;
  zen5.microarchitecture = "Zen 5";
  EXPECT_EQ(CycleBoundsOf("fp32_peak", "cpu:avx512_vnni", zen5).most, 64);
  EXPECT_EQ(CycleBoundsOf("fp32_peak", "cpu:avx512_vnni", zen5).least, 32);
  EXPECT_EQ(CycleBoundsOf("int8_peak", "cpu:avx512_vnni", zen5).most, 256);
  EXPECT_EQ(CycleBoundsOf("bf16_peak", "cpu:avx512_vnni", zen5).most, 128);
  EXPECT_EQ(CycleBoundsOf("fp32_peak", "cpu:avx2", zen5).most, 32);
  EXPECT_EQ(CycleBoundsOf("fp32_peak", "cpu:avx2", zen5).least, 32);
  TheoryInput zen;
  zen.microarchitecture = "Zen";
  EXPECT_EQ(CycleBoundsOf("fp32_peak", "cpu:avx2", zen).most, 16);
  const TheoryInput unknown;
  EXPECT_EQ(CycleBoundsOf("fp32_peak", "cpu:avx2", unknown).most, 32);
  EXPECT_EQ(CycleBoundsOf("fp32_peak", "cpu:avx2", unknown).least, 0);
  EXPECT_EQ(CycleBoundsOf("int8_peak", "cpu:neon_dotprod", unknown).most, 128);
  EXPECT_EQ(CycleBoundsOf("fp32_peak", "cpu:scalar", unknown).most, 0);
  EXPECT_EQ(CycleBoundsOf("fp32_peak", "vulkan:0", unknown).most, 0);
  EXPECT_EQ(CycleBoundsOf("int8_matrix_peak", "cpu:neon_dotprod", unknown).most, 0);
}

TEST(Doubts, AriseOnEitherSideOfTheory) {
  TheoryInput input;
  input.microarchitecture = "Zen 3";
  input.max_clock_hz = 4e9;
  // 2 threads x 4 GHz x 32 = 256 GFLOP/s.
  EXPECT_THAT(DoubtsOf(std::vector{Make("fp32_peak", 250e9)}, input), IsEmpty());
  const auto above = DoubtsOf(std::vector{Make("fp32_peak", 280e9)}, input);
  ASSERT_THAT(above, SizeIs(1));
  EXPECT_EQ(above[0].id, "ceiling_above_theory");
  EXPECT_THAT(above[0].message, HasSubstr("fp32_peak of cpu:avx2 is 280 G, 109 %"));
  const auto below = DoubtsOf(std::vector{Make("fp32_peak", 120e9)}, input);
  ASSERT_THAT(below, SizeIs(1));
  EXPECT_EQ(below[0].id, "ceiling_below_theory");
  EXPECT_THAT(below[0].message, HasSubstr("2 cores at 4 GHz"));
  EXPECT_THAT(below[0].remedy, HasSubstr("end other programs"));
}

// Shared products once made an int8 roof of twice what the pipes can do.
TEST(Doubts, AnInflatedInt8PeakIsOne) {
  TheoryInput input;
  input.microarchitecture = "Zen 5";
  input.max_clock_hz = 3.54e9;
  EXPECT_THAT(DoubtsOf(std::vector{Make("int8_peak", 1790e9, "cpu:avx512_vnni")}, input),
              IsEmpty());
  EXPECT_THAT(DoubtsOf(std::vector{Make("int8_peak", 3600e9, "cpu:avx512_vnni")}, input),
              SizeIs(1));
}

TEST(Doubts, TheMeasuredClockCountsWhereItIsGreaterOrTheOnlyOne) {
  TheoryInput input;
  input.max_clock_hz = 2.6e9;  // what a virtual machine was told, 3.5 being what it does
  const Ceiling peak = Make("fp32_peak", 450e9, "cpu:avx512_vnni");
  EXPECT_THAT(DoubtsOf(std::vector{peak}, input), SizeIs(1));
  const std::vector<Ceiling> with_clock = {peak, Make("core_clock", 3.5e9, "cpu:avx512_vnni")};
  EXPECT_THAT(DoubtsOf(with_clock, input), IsEmpty());
  EXPECT_THAT(DoubtsOf(std::vector{peak}, TheoryInput{}), IsEmpty()) << "no clock, no doubt";
}

TEST(Doubts, SiblingsOfOneCoreShareItsPipes) {
  TheoryInput input;
  input.microarchitecture = "Zen 3", input.max_clock_hz = 4e9;
  const std::vector<Ceiling> ceilings = {Make("fp32_peak", 125e9)};
  input.cores = 1;
  EXPECT_THAT(DoubtsOf(ceilings, input), IsEmpty());
  input.cores = 2;
  EXPECT_THAT(DoubtsOf(ceilings, input), SizeIs(1));
}

TEST(Doubts, TheBestOfARunSpeaksForIt) {
  TheoryInput input;
  input.microarchitecture = "Zen 3", input.max_clock_hz = 4e9;
  const std::vector<Ceiling> ceilings = {Make("fp32_peak", 100e9), Make("fp32_peak", 240e9)};
  EXPECT_THAT(DoubtsOf(ceilings, input), IsEmpty());
}

TEST(Doubts, MemoryIsHeldAgainstItsModules) {
  TheoryInput input;
  input.transfers_per_s = 5600e6, input.memory_modules = 2;  // 44.8 GB/s a channel
  EXPECT_THAT(DoubtsOf(std::vector{Make("read_bandwidth", 75e9)}, input), IsEmpty());
  const auto above = DoubtsOf(std::vector{Make("read_bandwidth", 120e9)}, input);
  ASSERT_THAT(above, SizeIs(1));
  EXPECT_EQ(above[0].id, "ceiling_above_theory");
  const auto below = DoubtsOf(std::vector{Make("read_bandwidth", 15e9)}, input);
  ASSERT_THAT(below, SizeIs(1));
  EXPECT_EQ(below[0].id, "ceiling_below_theory");
  EXPECT_THAT(DoubtsOf(std::vector{Make("read_bandwidth", 500e9)}, TheoryInput{}), IsEmpty());
}

}  // namespace
}  // namespace inferometer
