// How a KV cache lies in a device's memory: head by head, keys in blocks of 16 positions.
//
// The rows of a kv head of a sequence stand together, positions padded to a multiple of 16:
//
//   keys    [position / 16][head_dim][16]    so that 16 neighbours score 16 positions
//   values  [position][head_dim]
//
// A q8_0 cache has the codes of all heads like this, one byte each, then their binary16 scales:
//
//   keys    [position / 16][head_dim / 32][16]
//   values  [position][head_dim / 32]
#ifndef INFEROMETER_BACKENDS_OPENCL_CACHE_LAYOUT_H_
#define INFEROMETER_BACKENDS_OPENCL_CACHE_LAYOUT_H_

#include <cstdint>
#include <string>

#include "models/tensor.h"

namespace inferometer::opencl {

inline constexpr std::int64_t kMostHeadDim = 256;

// Empty when caches of that format and width are supported, else the reason in words.
std::string WhyNoCache(QuantId format, std::int64_t head_dim);

class CacheLayout {
 public:
  CacheLayout() = default;
  explicit CacheLayout(const TensorDesc& desc);

  std::int64_t padded_positions() const { return padded_; }
  std::uint64_t ScalesAt() const { return scales_at_; }  // bytes
  std::uint64_t Bytes() const { return bytes_; }
  std::int64_t RowBytes() const { return row_bytes_; }  // in GGUF's layout

  // Copies a row of GGUF's layout to its place in `cache`, and back.
  void Put(std::int64_t sequence, std::int64_t head, std::int64_t position, const std::uint8_t* row,
           std::uint8_t* cache) const;
  void Get(std::int64_t sequence, std::int64_t head, std::int64_t position,
           const std::uint8_t* cache, std::uint8_t* row) const;

 private:
  template <typename Row, typename Cache>
  void Copy(std::int64_t sequence, std::int64_t head, std::int64_t position, Row* row,
            Cache* cache) const;

  bool q8_0_ = false, keys_ = false;
  std::int64_t head_dim_ = 0, heads_ = 0, padded_ = 0, element_bytes_ = 0, row_bytes_ = 0;
  std::uint64_t scales_at_ = 0, bytes_ = 0;
};

}  // namespace inferometer::opencl

#endif  // INFEROMETER_BACKENDS_OPENCL_CACHE_LAYOUT_H_
