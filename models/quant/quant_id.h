// The names of the storage formats, as plain numbers that kernels may see too.
#ifndef INFEROMETER_MODELS_QUANT_QUANT_ID_H_
#define INFEROMETER_MODELS_QUANT_QUANT_ID_H_

#include <cstdint>

namespace inferometer {

enum class QuantId : std::uint8_t {
  kF32,
  kF16,
  kBF16,
  kQ8_0,
  kQ4_0,
  kQ4_1,
  kQ5_0,
  kQ5_1,
  kQ4_K,
  kQ5_K,
  kQ6_K,
  kIQ4_NL,
  kMXFP4,
};
inline constexpr int kQuantCount = static_cast<int>(QuantId::kMXFP4) + 1;  // the last

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_QUANT_QUANT_ID_H_
