// The reference's tensors: bytes in their canonical layout, found by id.
#ifndef INFEROMETER_BACKENDS_REFERENCE_TENSORS_H_
#define INFEROMETER_BACKENDS_REFERENCE_TENSORS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "models/tensor.h"

namespace inferometer::reference {

class Tensors {
 public:
  // Copies `data`, or zeroes when it is empty. Throws Error naming the tensor when its dimensions
  // are not positive, are no whole blocks of its format or do not fit `data`, or when memory ends.
  TensorId Add(const TensorDesc& desc, std::span<const std::byte> data);
  void Remove(TensorId id);

  // All throw Error for an id that was never given out or has been freed.
  const TensorDesc& Desc(TensorId id) const { return at(id).desc; }
  std::span<std::byte> Bytes(TensorId id) { return at(id).bytes; }
  std::span<float> Floats(TensorId id);          // of an f32 tensor
  std::span<std::int32_t> Indices(TensorId id);  // of a kIndex tensor

 private:
  struct Stored {
    TensorDesc desc;
    std::vector<std::byte> bytes;
  };
  const Stored& at(TensorId id) const;
  Stored& at(TensorId id) { return const_cast<Stored&>(std::as_const(*this).at(id)); }

  std::vector<std::unique_ptr<Stored>> stored_;  // null: freed
};

}  // namespace inferometer::reference

#endif  // INFEROMETER_BACKENDS_REFERENCE_TENSORS_H_
