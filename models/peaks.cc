// The peaks of each number type.
#include "models/peaks.h"

#include <algorithm>

namespace inferometer {
namespace {

constexpr std::string_view kFp32 = "fp32_peak", kHalfMatrices = "fp16_matrix_peak";
constexpr std::string_view kAll[] = {
    kFp32,         "fp16_peak",        "bf16_peak",       "int8_peak",
    kHalfMatrices, "bf16_matrix_peak", "int8_matrix_peak"};

}  // namespace

TypePeak PeakOf(NumberType type, const std::function<double(std::string_view)>& ceiling) {
  const auto better = [&ceiling](const TypePeak& than, std::string_view metric) {
    const double value = ceiling(metric);
    return value > than.value ? TypePeak{value, metric} : than;
  };
  const TypePeak fp32{ceiling(kFp32), kFp32};
  switch (type) {
    case NumberType::kFp32:
      return fp32;
    case NumberType::kFp16:
      return better(fp32, kHalfMatrices);
    case NumberType::kBf16: {
      const TypePeak own = better({ceiling("bf16_peak"), "bf16_peak"}, "bf16_matrix_peak");
      return better(fp32.value > own.value ? fp32 : own, kHalfMatrices);
    }
    case NumberType::kInt8:
      break;
  }
  TypePeak best = better({ceiling("int8_peak"), "int8_peak"}, "int8_matrix_peak");
  best = better(best, kHalfMatrices);
  return best.value > 0 ? better(best, kFp32) : best;
}

std::span<const std::string_view> AllPeaks() { return kAll; }

}  // namespace inferometer
