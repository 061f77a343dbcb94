// What the tensors of a case hold: seeded rows, so that any row can be had without the others.
#ifndef INFEROMETER_HARNESS_KERNELS_CASE_DATA_H_
#define INFEROMETER_HARNESS_KERNELS_CASE_DATA_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "backends/device.h"
#include "harness/kernels/kernel_case.h"

namespace inferometer {

// Weights come with their upload, everything else is written before the run.
bool IsWeight(TensorRole role);

class CaseData {
 public:
  // The case must outlive it.
  explicit CaseData(const KernelCase& c);

  // The canonical bytes of the rows with these numbers, one after the other; a matrix of several
  // experts counts on through them. Normal values, of which 61 rows differ: no tile of a kernel is
  // as high, so that a row taken for another shows. Indices of experts follow each other through
  // all of them; `round` moves them on.
  std::vector<std::byte> Rows(std::size_t tensor, std::span<const std::int64_t> rows,
                              std::int64_t round = 0) const;
  // All rows of the tensor.
  std::vector<std::byte> All(std::size_t tensor, std::int64_t round = 0) const;
  static std::int64_t RowCount(const TensorDesc& desc);

 private:
  void AppendRow(std::size_t tensor, std::int64_t row, std::int64_t round,
                 std::vector<std::byte>& out) const;

  const KernelCase& case_;
  std::vector<std::vector<std::byte>> pools_;  // by tensor: encoded rows
  std::int64_t experts_ = 0;                   // of the op; 0: it has none
};

// Tensors on a device for as long as the object lives.
class UploadedTensors {
 public:
  explicit UploadedTensors(Device& device) : device_(device) {}
  ~UploadedTensors();
  UploadedTensors(const UploadedTensors&) = delete;
  UploadedTensors& operator=(const UploadedTensors&) = delete;
  TensorId Add(const TensorDesc& desc, std::span<const std::byte> data);

 private:
  Device& device_;
  std::vector<TensorId> ids_;
};

// The tensor with that content, which stands in it at once.
TensorId UploadFilled(UploadedTensors& tensors, Device& device, const TensorDesc& desc,
                      std::span<const std::byte> content);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_KERNELS_CASE_DATA_H_
