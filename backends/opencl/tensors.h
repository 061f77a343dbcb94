// The tensors that an OpenCL device holds.
#ifndef INFEROMETER_BACKENDS_OPENCL_TENSORS_H_
#define INFEROMETER_BACKENDS_OPENCL_TENSORS_H_

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "backends/gpu/planes.h"
#include "backends/opencl/cache_layout.h"
#include "backends/opencl/gpu.h"
#include "harness/base/thread_pool.h"
#include "models/tensor.h"

namespace inferometer::opencl {

// Matrices and tables stand in planes, in one buffer for each part. Caches stand as CacheLayout
// says. All else is canonical.
struct Tensor {
  TensorDesc desc;
  gpu::MatrixLayout layout;  // of matrices
  CacheLayout cache;         // of caches
  std::vector<Buffer> parts;

  bool IsMatrix() const {
    return desc.role == TensorRole::kMatrix || desc.role == TensorRole::kTableMatrix ||
           desc.role == TensorRole::kTable;
  }
  bool IsCache() const {
    return desc.role == TensorRole::kKeyCache || desc.role == TensorRole::kValueCache;
  }
};

class Tensors {
 public:
  explicit Tensors(Gpu& gpu) : gpu_(gpu) {}

  // Throws Error when sizes disagree or memory does not suffice. `pool`, where there is one,
  // repacks matrices.
  TensorId Add(const TensorDesc& desc, std::span<const std::byte> data, ThreadPool* pool);
  void Remove(TensorId id) { tensors_.erase(static_cast<std::uint32_t>(id)); }
  // Throws Error for an id that does not exist.
  const Tensor& At(TensorId id) const;
  // Canonical bytes; weights can be neither read nor written.
  void Read(TensorId id, std::span<std::byte> out);
  void Write(TensorId id, std::span<const std::byte> data);

 private:
  void AddMatrix(Tensor& tensor, std::span<const std::byte> data, ThreadPool* pool);
  void CheckAccess(const char* what, const Tensor& tensor, std::size_t size) const;

  Gpu& gpu_;
  std::unordered_map<std::uint32_t, Tensor> tensors_;
  std::uint32_t next_ = 0;
};

}  // namespace inferometer::opencl

#endif  // INFEROMETER_BACKENDS_OPENCL_TENSORS_H_
