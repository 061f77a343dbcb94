// Makes the rows of a case's tensors.
#include "harness/kernels/case_data.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <variant>

#include "harness/base/random.h"

namespace inferometer {
namespace {

constexpr std::int64_t kPoolRows = 61;

std::vector<std::byte> EncodedRows(const TensorDesc& desc, std::int64_t count, std::uint64_t seed) {
  const auto width = static_cast<std::size_t>(desc.dims[0]);
  const std::size_t row_bytes = RowBytes(desc.format, width);
  std::vector<std::byte> bytes(static_cast<std::size_t>(count) * row_bytes);
  std::vector<float> values(width);
  Random random(seed);
  for (std::size_t row = 0; row < static_cast<std::size_t>(count); ++row) {
    for (float& value : values) value = random.Normal();
    FormatOf(desc.format).encode(values, bytes.data() + row * row_bytes);
  }
  return bytes;
}

}  // namespace

bool IsWeight(TensorRole role) {
  return role == TensorRole::kVector || role == TensorRole::kTable || role == TensorRole::kMatrix ||
         role == TensorRole::kTableMatrix;
}

std::int64_t CaseData::RowCount(const TensorDesc& desc) {
  return desc.dims[1] * desc.dims[2] * desc.dims[3];
}

CaseData::CaseData(const KernelCase& c) : case_(c) {
  if (const auto* expert = std::get_if<ExpertMatMul>(&c.op)) experts_ = expert->experts;
  for (std::size_t i = 0; i < c.tensors.size(); ++i) {
    const TensorDesc& desc = c.tensors[i];
    pools_.push_back(desc.role == TensorRole::kIndex
                         ? std::vector<std::byte>()
                         : EncodedRows(desc, std::min(kPoolRows, RowCount(desc)), i + 1));
  }
}

void CaseData::AppendRow(std::size_t tensor, std::int64_t row, std::int64_t round,
                         std::vector<std::byte>& out) const {
  const TensorDesc& desc = case_.tensors[tensor];
  if (desc.role == TensorRole::kIndex) {
    const std::int64_t used = desc.dims[0];
    const std::int64_t first = (round * desc.dims[1] + row) * used;
    for (std::int64_t j = 0; j < used; ++j) {
      const auto id =
          static_cast<std::int32_t>(experts_ > 0 ? (first + j) % experts_ : std::int64_t{0});
      const auto bytes = std::as_bytes(std::span(&id, 1));
      out.insert(out.end(), bytes.begin(), bytes.end());
    }
    return;
  }
  const std::size_t row_bytes = RowBytes(desc.format, static_cast<std::size_t>(desc.dims[0]));
  const std::vector<std::byte>& pool = pools_[tensor];
  const auto at = static_cast<std::ptrdiff_t>(
      static_cast<std::size_t>(row % std::min(kPoolRows, RowCount(desc))) * row_bytes);
  out.insert(out.end(), pool.begin() + at,
             pool.begin() + at + static_cast<std::ptrdiff_t>(row_bytes));
}

std::vector<std::byte> CaseData::Rows(std::size_t tensor, std::span<const std::int64_t> rows,
                                      std::int64_t round) const {
  std::vector<std::byte> bytes;
  const TensorDesc& desc = case_.tensors[tensor];
  const std::size_t row_bytes = desc.role == TensorRole::kIndex
                                    ? 4 * static_cast<std::size_t>(desc.dims[0])
                                    : RowBytes(desc.format, static_cast<std::size_t>(desc.dims[0]));
  bytes.reserve(rows.size() * row_bytes);
  for (const std::int64_t row : rows) AppendRow(tensor, row, round, bytes);
  return bytes;
}

std::vector<std::byte> CaseData::All(std::size_t tensor, std::int64_t round) const {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(RowCount(case_.tensors[tensor])));
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  return Rows(tensor, rows, round);
}

UploadedTensors::~UploadedTensors() {
  for (const TensorId id : ids_) device_.Free(id);
}

TensorId UploadedTensors::Add(const TensorDesc& desc, std::span<const std::byte> data) {
  ids_.push_back(device_.Upload(desc, data));
  return ids_.back();
}

TensorId UploadFilled(UploadedTensors& tensors, Device& device, const TensorDesc& desc,
                      std::span<const std::byte> content) {
  if (IsWeight(desc.role)) return tensors.Add(desc, content);
  const TensorId id = tensors.Add(desc, {});
  device.Write(id, content);
  return id;
}

}  // namespace inferometer
