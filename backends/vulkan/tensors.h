// The tensors that a Vulkan device holds.
#ifndef INFEROMETER_BACKENDS_VULKAN_TENSORS_H_
#define INFEROMETER_BACKENDS_VULKAN_TENSORS_H_

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "backends/gpu/planes.h"
#include "backends/vulkan/transfer.h"
#include "harness/base/thread_pool.h"
#include "models/tensor.h"

namespace inferometer::vulkan {

// Matrices and tables stand in planes, in parts that can be bound whole. A q8_0 cache has the bytes
// of all rows first, then the scales of all rows. All else is canonical.
struct Tensor {
  TensorDesc desc;
  gpu::MatrixLayout layout;     // of matrices
  std::vector<Slice> parts;     // one for each part of the layout, else one
  std::uint64_t scales_at = 0;  // bytes, of a q8_0 cache
  // The same bytes where the host reads them at once; of results that a plan copies there.
  const std::byte* mirror = nullptr;
  std::uint64_t mirror_bytes = 0;

  bool IsMatrix() const {
    return desc.role == TensorRole::kMatrix || desc.role == TensorRole::kTableMatrix ||
           desc.role == TensorRole::kTable;
  }
  bool IsCache() const {
    return desc.role == TensorRole::kKeyCache || desc.role == TensorRole::kValueCache;
  }
  std::int64_t Rows() const { return desc.dims[1] * desc.dims[2] * desc.dims[3]; }
};

class Tensors {
 public:
  Tensors(Gpu& gpu, Memory& memory, Transfer& transfer)
      : gpu_(gpu), memory_(memory), transfer_(transfer) {}
  ~Tensors();
  Tensors(const Tensors&) = delete;
  Tensors& operator=(const Tensors&) = delete;

  // Throws Error when sizes disagree or memory does not suffice. `pool`, where there is
  // one, repacks matrices.
  TensorId Add(const TensorDesc& desc, std::span<const std::byte> data, ThreadPool* pool);
  void Remove(TensorId id);
  // Throws Error for an id that does not exist.
  const Tensor& At(TensorId id) const;
  Tensor& At(TensorId id);
  // Canonical bytes; weights can be neither read nor written.
  void Read(TensorId id, std::span<std::byte> out);
  void Write(TensorId id, std::span<const std::byte> data);
  bool empty() const { return tensors_.empty(); }

 private:
  void AddMatrix(Tensor& tensor, std::span<const std::byte> data, ThreadPool* pool);
  void FreeParts(const Tensor& tensor);

  Gpu& gpu_;
  Memory& memory_;
  Transfer& transfer_;
  std::unordered_map<std::uint32_t, Tensor> tensors_;
  std::uint32_t next_ = 0;
};

}  // namespace inferometer::vulkan

#endif  // INFEROMETER_BACKENDS_VULKAN_TENSORS_H_
