// How a KV cache stands in memory, so that attention streams it, and its rows in GGUF's layout.
//
// A cache stands sequence by sequence, kv head by kv head: each head is one stream of blocks of 16
// positions, the last one padded.
//
//   f16   keys    [position / 16][head_dim][16] halves
//         values  [position][head_dim] halves
//   q8_0  keys    a packed q8_0 matrix whose rows are positions (kernels/formats-inl.h), so that
//                 scores are a matmul; codes of a block whose scale is 0 stand as they are even
//                 where others have 128 added, so that a zeroed cache holds zeros
//         values  [position / 16]: the scales as [head_dim / 32][16] halves, then the codes as
//                 [16][head_dim] bytes
//
// A row, head_dim values of one position, takes as many bytes as in GGUF.
#ifndef INFEROMETER_BACKENDS_CPU_CACHE_LAYOUT_H_
#define INFEROMETER_BACKENDS_CPU_CACHE_LAYOUT_H_

#include <cstdint>
#include <string>

#include "backends/cpu/kernel_set.h"
#include "models/tensor.h"

namespace inferometer::cpu {

// Empty when caches of that format and width are supported, else the reason in words.
std::string WhyNoCache(QuantId format, std::int64_t head_dim);

// The widest head that is supported, in values and in bytes of a row.
inline constexpr std::int64_t kMaxHeadDim = 1024, kMaxCacheRowBytes = 2 * kMaxHeadDim;

class CacheLayout {
 public:
  CacheLayout() = default;
  CacheLayout(const KernelSet& kernels, const TensorDesc& desc);

  std::int64_t RowBytes() const { return row_bytes_; }
  std::int64_t HeadBytes() const { return padded_positions_ * row_bytes_; }
  // Writes a row in GGUF's layout to its place within a head, and reads one back.
  void Put(std::int64_t position, const std::uint8_t* row, std::uint8_t* head) const;
  void Get(std::int64_t position, const std::uint8_t* head, std::uint8_t* row) const;

 private:
  template <typename Row, typename Head>
  void Copy(std::int64_t position, Row* row, Head* head) const;

  bool q8_0_ = false, keys_ = false;
  std::int64_t rows_ = 8;      // positions in a group of q8_0 keys
  std::uint32_t flipped_ = 0;  // bits in which four stored codes of q8_0 keys differ
  std::int64_t head_dim_ = 0, row_bytes_ = 0, padded_positions_ = 0;
};

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_CACHE_LAYOUT_H_
