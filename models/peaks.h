// Which measured peak bounds arithmetic in a number type: decided here for those who measure and
// for those who check what others measured.
#ifndef INFEROMETER_MODELS_PEAKS_H_
#define INFEROMETER_MODELS_PEAKS_H_

#include <functional>
#include <span>
#include <string_view>

#include "models/op.h"

namespace inferometer {

struct TypePeak {
  double value = 0;         // op/s; 0: what decides was not measured
  std::string_view metric;  // the ceiling that it is, or would be
};

// The best peak that a device may reach with work in `type`. `ceiling` gives the value of the
// ceiling of that name, 0 where it was not measured.
//   fp32: fp32_peak
//   fp16: fp32_peak, since halves are widened in registers, or fp16_matrix_peak
//   bf16, int8: the better of bf16_peak and bf16_matrix_peak (int8_...); of fp32_peak and
//     fp16_matrix_peak where those are better, since whoever is slower in a type may widen it, or
//     unpack it to halves for small matrices. A device without a peak in bf16 widens.
TypePeak PeakOf(NumberType type, const std::function<double(std::string_view)>& ceiling);

// Every ceiling that PeakOf asks for, and fp16_peak: the fastest of them bounds work in any type.
std::span<const std::string_view> AllPeaks();

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_PEAKS_H_
