// One conformance case on a device and on the reference.
#include "harness/runner/conformance.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "harness/base/random.h"

namespace inferometer {
namespace {

std::int64_t Values(const TensorDesc& desc) {
  return desc.dims[0] * desc.dims[1] * desc.dims[2] * desc.dims[3];
}

template <typename T>
std::vector<std::byte> BytesOf(const std::vector<T>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {bytes.begin(), bytes.end()};
}

// The canonical bytes of a tensor before the op; empty for kZero.
std::vector<std::byte> Content(const CaseTensor& tensor, Random random) {
  if (tensor.fill == Fill::kZero) return {};
  const TensorDesc& desc = tensor.desc;
  const auto count = static_cast<std::size_t>(Values(desc));
  if (tensor.fill == Fill::kExpertIds) {
    const auto experts = static_cast<std::uint64_t>(tensor.scale);
    std::vector<std::int32_t> ids;
    while (ids.size() < count) {
      const auto row = static_cast<std::ptrdiff_t>(ids.size()) / desc.dims[0] * desc.dims[0];
      const auto id = static_cast<std::int32_t>(random.Below(experts));
      if (std::find(ids.begin() + row, ids.end(), id) == ids.end()) ids.push_back(id);
    }
    return BytesOf(ids);
  }
  std::vector<float> values(count);
  for (float& value : values) {
    value = tensor.fill == Fill::kSteps ? std::floor(random.Normal() * 2) / 2 : random.Normal();
    value *= tensor.scale;
  }
  const auto width = static_cast<std::size_t>(desc.dims[0]);
  const std::size_t row_bytes = RowBytes(desc.format, width);
  std::vector<std::byte> bytes(ByteSize(desc));
  for (std::size_t row = 0; row < count / width; ++row) {
    FormatOf(desc.format)
        .encode(std::span(values).subspan(row * width, width), bytes.data() + row * row_bytes);
  }
  return bytes;
}

// Weights come with their upload, everything else is written before the run.
bool IsWeight(TensorRole role) {
  return role == TensorRole::kVector || role == TensorRole::kTable || role == TensorRole::kMatrix ||
         role == TensorRole::kTableMatrix;
}

// Tensors on a device for as long as a case runs.
class Uploaded {
 public:
  explicit Uploaded(Device& device) : device_(device) {}
  ~Uploaded() {
    for (const TensorId id : ids_) device_.Free(id);
  }
  Uploaded(const Uploaded&) = delete;
  Uploaded& operator=(const Uploaded&) = delete;
  void Add(const TensorDesc& desc, std::span<const std::byte> data) {
    ids_.push_back(device_.Upload(desc, data));
  }
  TensorId operator[](TensorId id) const { return ids_[static_cast<std::size_t>(id)]; }

 private:
  Device& device_;
  std::vector<TensorId> ids_;
};

// What a result tensor holds, as floats; indices are kept exact by their small size.
std::vector<float> ReadResult(Device& device, TensorId id, const TensorDesc& desc,
                              std::int64_t rows) {
  const auto width = static_cast<std::size_t>(desc.dims[0]);
  const std::size_t count = static_cast<std::size_t>(rows) * width;
  if (desc.role == TensorRole::kIndex) {
    std::vector<std::int32_t> indices(count);
    device.Read(id, std::as_writable_bytes(std::span(indices)));
    return {indices.begin(), indices.end()};
  }
  const std::size_t row_bytes = RowBytes(desc.format, width);
  std::vector<std::byte> bytes(static_cast<std::size_t>(rows) * row_bytes);
  device.Read(id, bytes);
  std::vector<float> values(count);
  for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row) {
    FormatOf(desc.format)
        .decode(bytes.data() + row * row_bytes, std::span(values).subspan(row * width, width));
  }
  return values;
}

std::vector<std::vector<float>> RunOn(Device& device, const OpCase& c,
                                      const std::vector<std::vector<std::byte>>& content) {
  Uploaded uploaded(device);
  for (std::size_t i = 0; i < c.tensors.size(); ++i) {
    const TensorDesc& desc = c.tensors[i].desc;
    uploaded.Add(desc, IsWeight(desc.role) ? std::span(content[i]) : std::span<const std::byte>());
  }
  Op op = c.op;
  ForEachOperand(op, [&uploaded](TensorId& id, Access) { id = uploaded[id]; });
  const std::unique_ptr<Plan> plan = device.Prepare(std::span(&op, 1));
  for (std::size_t i = 0; i < c.tensors.size(); ++i) {
    if (!IsWeight(c.tensors[i].desc.role) && !content[i].empty()) {
      device.Write(uploaded[static_cast<TensorId>(i)], content[i]);
    }
  }
  plan->Run({c.tokens});

  const auto outputs = std::count_if(c.tokens.begin(), c.tokens.end(),
                                     [](const TokenAt& token) { return token.output; });
  std::vector<std::vector<float>> results;
  for (const CaseResultTensor& result : c.results) {
    const TensorDesc& desc = c.tensors[static_cast<std::size_t>(result.id)].desc;
    const bool cache = desc.role == TensorRole::kKeyCache || desc.role == TensorRole::kValueCache;
    const std::int64_t rows = cache                           ? Values(desc) / desc.dims[0]
                              : result.rows == Rows::kOutputs ? outputs
                                                              : std::ssize(c.tokens);
    results.push_back(ReadResult(device, uploaded[result.id], desc, rows));
  }
  return results;
}

// NMSE with the mean square of `want` taken as at least `power`.
double Distance(std::span<const float> want, std::span<const float> got, double power) {
  double error = 0, signal = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    const double difference = static_cast<double>(got[i]) - want[i];
    error += difference * difference;
    signal += static_cast<double>(want[i]) * want[i];
  }
  if (!std::isfinite(error)) return std::numeric_limits<double>::infinity();
  if (error == 0) return 0;
  signal = std::max(signal, power * static_cast<double>(want.size()));
  return signal > 0 ? error / signal : std::numeric_limits<double>::infinity();
}

}  // namespace

CaseResult RunCase(Device& device, Device& reference, const OpCase& c) {
  CaseResult result;
  result.limit = c.limit;
  for (Device* each : {&device, &reference}) {
    result.why_not = each->WhyNot(c.op);
    if (!result.why_not.empty()) return result;
  }
  std::vector<std::vector<std::byte>> content;
  for (std::size_t i = 0; i < c.tensors.size(); ++i) {
    content.push_back(Content(c.tensors[i], Random(c.seed * 16 + i)));
  }
  const std::vector<std::vector<float>> want = RunOn(reference, c, content);
  const std::vector<std::vector<float>> got = RunOn(device, c, content);
  for (std::size_t i = 0; i < c.results.size(); ++i) {
    const TensorDesc& desc = c.tensors[static_cast<std::size_t>(c.results[i].id)].desc;
    double distance = 0;
    if (desc.role == TensorRole::kIndex) {
      distance = want[i] == got[i] ? 0 : std::numeric_limits<double>::infinity();
    } else {
      distance = Distance(want[i], got[i], c.power);
    }
    result.nmse = std::max(result.nmse, distance);
  }
  return result;
}

}  // namespace inferometer
