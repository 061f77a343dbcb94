// The tensors that a CPU device holds, in the layouts that its kernels stream.
#ifndef INFEROMETER_BACKENDS_CPU_TENSORS_H_
#define INFEROMETER_BACKENDS_CPU_TENSORS_H_

#include <cstdint>
#include <span>
#include <unordered_map>

#include "backends/cpu/cache_layout.h"
#include "backends/cpu/packing.h"
#include "harness/base/huge_buffer.h"
#include "harness/base/thread_pool.h"
#include "models/tensor.h"

namespace inferometer::cpu {

// Matrices stand packed, plane (expert) after plane. Caches stand head by head as CacheLayout says.
// All else is canonical.
struct Tensor {
  TensorDesc desc;
  PackedLayout layout;  // of matrices
  CacheLayout cache;    // of caches
  HugeBuffer data;

  bool IsMatrix() const {
    return desc.role == TensorRole::kMatrix || desc.role == TensorRole::kTableMatrix;
  }
  bool IsCache() const {
    return desc.role == TensorRole::kKeyCache || desc.role == TensorRole::kValueCache;
  }
  // A kv head of a sequence of a cache.
  std::uint8_t* Head(std::int64_t sequence, std::int64_t head) const {
    return data.As<std::uint8_t>() + (sequence * desc.dims[1] + head) * cache.HeadBytes();
  }
  const std::uint8_t* Plane(std::int64_t plane) const {
    return data.As<std::uint8_t>() + plane * layout.Bytes();
  }
  float* Floats() const { return data.As<float>(); }
};

class Tensors {
 public:
  explicit Tensors(const KernelSet& kernels) : kernels_(kernels) {}

  // Throws Error when sizes disagree, and for a cache in an unsupported format. `pool` packs
  // matrices.
  TensorId Add(const TensorDesc& desc, std::span<const std::byte> data, ThreadPool& pool);
  void Remove(TensorId id) { tensors_.erase(static_cast<std::uint32_t>(id)); }
  // Throws Error for an id that does not exist.
  const Tensor& At(TensorId id) const;
  // Canonical bytes, in time that grows with how many; weights can be neither read nor written.
  void Read(TensorId id, std::span<std::byte> out) const;
  void Write(TensorId id, std::span<const std::byte> data);

 private:
  const KernelSet& kernels_;
  std::unordered_map<std::uint32_t, Tensor> tensors_;
  std::uint32_t next_ = 0;
};

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_TENSORS_H_
