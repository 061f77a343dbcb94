// Roofs near in time, and which of them binds.
#include "harness/runner/roof.h"

#include <gtest/gtest.h>

namespace inferometer {
namespace {

Ceiling Make(const std::string& metric, double at_s, double value,
             const std::string& device = "d") {
  Ceiling ceiling;
  ceiling.metric = metric, ceiling.at_s = at_s, ceiling.value = value, ceiling.device = device;
  return ceiling;
}

TEST(RoofsAround, TakesTheBetterOfTheTwoThatEncloseTheRow) {
  const std::vector<Ceiling> ceilings = {
      Make("read_bandwidth", 0, 50), Make("read_bandwidth", 10, 40), Make("read_bandwidth", 20, 30),
      Make("read_bandwidth", 30, 90), Make("read_bandwidth", 12, 99, "another")};
  EXPECT_EQ(RoofsAround(ceilings, "d", 12, 18).read_bandwidth, 40);
  EXPECT_EQ(RoofsAround(ceilings, "d", 22, 28).read_bandwidth, 90);
  EXPECT_EQ(RoofsAround(ceilings, "d", 32, 33).read_bandwidth, 90);  // nothing after
  EXPECT_EQ(RoofsAround(ceilings, "d", 12, 18).peak[0], 0);          // never measured
  EXPECT_EQ(BestRoofs(ceilings, "d").read_bandwidth, 90);
}

TEST(BestRoofs, OfATypeAreThoseOfSmallMatricesWhereThatIsMore) {
  const std::vector<Ceiling> ceilings = {
      Make("read_bandwidth", 0, 10),    Make("fp32_peak", 0, 100),
      Make("bf16_peak", 0, 300),        Make("int8_peak", 0, 400),
      Make("bf16_matrix_peak", 0, 200), Make("int8_matrix_peak", 0, 800)};
  const Roofs roofs = BestRoofs(ceilings, "d");
  EXPECT_EQ(roofs.peak[2], 300);
  EXPECT_EQ(roofs.peak[3], 800);
  EXPECT_EQ(BoundOf({.bytes = 0, .operations = {0, 0, 0, 800}}, roofs)->roof, "int8_matrix_peak");
  EXPECT_EQ(BoundOf({.bytes = 0, .operations = {0, 0, 300, 0}}, roofs)->roof, "bf16_peak");
}

TEST(BestRoofs, OfATypeAreAtLeastThoseOfFp32) {
  const Roofs roofs = BestRoofs(
      std::vector{Make("fp32_peak", 0, 500), Make("bf16_peak", 0, 250), Make("int8_peak", 0, 400)},
      "d");
  EXPECT_EQ(roofs.peak[1], 500);
  EXPECT_EQ(roofs.peak[2], 500);
  EXPECT_EQ(roofs.metric[2], "fp32_peak");
  EXPECT_EQ(roofs.peak[3], 500);
}

TEST(BoundOf, NamesWhatBinds) {
  const Roofs roofs = BestRoofs(std::vector{Make("read_bandwidth", 0, 10),
                                            Make("fp32_peak", 0, 100), Make("int8_peak", 0, 400)},
                                "d");
  Work decode{.bytes = 50, .operations = {10, 0, 0, 100}};
  EXPECT_EQ(BoundOf(decode, roofs)->bound, "memory");
  EXPECT_EQ(BoundOf(decode, roofs)->least_s, 5);
  Work prefill{.bytes = 50, .operations = {100, 0, 0, 4000}};
  const auto bound = BoundOf(prefill, roofs);
  EXPECT_EQ(bound->bound, "compute");
  EXPECT_EQ(bound->roof, "int8_peak");
  EXPECT_EQ(bound->least_s, 11);  // both types, one after the other
}

TEST(BoundOf, TakesBf16AsFp32WhereThereIsNoSuchPeak) {
  std::vector<Ceiling> ceilings = {Make("fp32_peak", 0, 100), Make("int8_peak", 0, 400)};
  const Work prefill{.bytes = 0, .operations = {100, 0, 400, 0}};
  EXPECT_EQ(BoundOf(prefill, BestRoofs(ceilings, "d"))->roof, "fp32_peak");
  EXPECT_EQ(BoundOf(prefill, BestRoofs(ceilings, "d"))->least_s, 5);
  ceilings.push_back(Make("bf16_peak", 0, 200));
  EXPECT_EQ(BoundOf(prefill, BestRoofs(ceilings, "d"))->roof, "bf16_peak");
  EXPECT_EQ(BoundOf(prefill, BestRoofs(ceilings, "d"))->least_s, 3);
}

TEST(BoundOf, IsAbsentWhereARoofIsMissing) {
  Roofs roofs;
  roofs.read_bandwidth = 10;
  EXPECT_FALSE(BoundOf({.bytes = 1, .operations = {1, 0, 0, 0}}, roofs).has_value());
  EXPECT_FALSE(BoundOf({}, roofs).has_value());
}

}  // namespace
}  // namespace inferometer
