// What a single op may err by: the largest NMSE against the reference.
#include "harness/runner/conformance_limits.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <variant>

namespace inferometer {

double CacheLimit(QuantId format) {
  if (format == QuantId::kF32) return kFp32;
  return std::max(kF16, FormatOf(format).matmul_nmse);
}

double MatMulLimit(const Format& format, std::int64_t values) {
  return format.matmul_nmse * (1 + 5 * std::sqrt(2 / static_cast<double>(values)));
}

double LimitOf(const Op& op, std::int64_t values) {
  return std::visit(
      [values](const auto& o) {
        using T = std::decay_t<decltype(o)>;
        if constexpr (std::is_same_v<T, MatMul> || std::is_same_v<T, ExpertMatMul>) {
          return MatMulLimit(FormatOf(o.format), values);
        } else if constexpr (std::is_same_v<T, Attention> || std::is_same_v<T, KvAppend>) {
          return CacheLimit(o.format);
        } else if constexpr (std::is_same_v<T, Embed>) {
          return kDecoded;
        } else if constexpr (std::is_same_v<T, Rope>) {
          return kTrigonometric;
        } else if constexpr (std::is_same_v<T, SelectOutputs> || std::is_same_v<T, ArgMax>) {
          return kExact;
        } else {
          return kFp32;
        }
      },
      op);
}

}  // namespace inferometer
