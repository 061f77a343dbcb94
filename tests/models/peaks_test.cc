// Which measured peak bounds arithmetic in a type.
#include "models/peaks.h"

#include <gtest/gtest.h>

#include <map>

namespace inferometer {
namespace {

TypePeak Best(NumberType type, const std::map<std::string_view, double>& measured) {
  return PeakOf(type, [&](std::string_view name) {
    const auto it = measured.find(name);
    return it == measured.end() ? 0.0 : it->second;
  });
}

TEST(PeakOf, IsTheTypesOwnOrThatOfSmallMatrices) {
  const std::map<std::string_view, double> measured = {
      {"fp32_peak", 100}, {"bf16_peak", 300},        {"bf16_matrix_peak", 200},
      {"int8_peak", 400}, {"int8_matrix_peak", 800}, {"fp16_peak", 900}};
  EXPECT_EQ(Best(NumberType::kFp32, measured).value, 100);
  EXPECT_EQ(Best(NumberType::kBf16, measured).metric, "bf16_peak");
  EXPECT_EQ(Best(NumberType::kInt8, measured).metric, "int8_matrix_peak");
  EXPECT_EQ(Best(NumberType::kFp16, measured).metric, "fp32_peak") << "halves are widened";
}

TEST(PeakOf, OfSmallMatricesOfHalvesHoldsForAllThatCanBeUnpacked) {
  const std::map<std::string_view, double> measured = {
      {"fp32_peak", 100}, {"int8_peak", 400}, {"fp16_matrix_peak", 1000}};
  EXPECT_EQ(Best(NumberType::kFp32, measured).value, 100);
  for (const NumberType type : {NumberType::kFp16, NumberType::kBf16, NumberType::kInt8}) {
    EXPECT_EQ(Best(type, measured).value, 1000);
    EXPECT_EQ(Best(type, measured).metric, "fp16_matrix_peak");
  }
}

TEST(PeakOf, IsFp32WhereATypeIsSlower) {
  const std::map<std::string_view, double> measured = {
      {"fp32_peak", 500}, {"bf16_peak", 250}, {"int8_peak", 400}};
  EXPECT_EQ(Best(NumberType::kBf16, measured).metric, "fp32_peak");
  EXPECT_EQ(Best(NumberType::kInt8, measured).value, 500);
}

TEST(PeakOf, IsNoneWhereNothingTellsIt) {
  const std::map<std::string_view, double> measured = {{"fp32_peak", 500}};
  EXPECT_EQ(Best(NumberType::kInt8, measured).value, 0) << "its int8 peak may be any";
  EXPECT_EQ(Best(NumberType::kBf16, measured).value, 500) << "it widens";
  EXPECT_EQ(Best(NumberType::kFp16, {}).value, 0);
}

}  // namespace
}  // namespace inferometer
