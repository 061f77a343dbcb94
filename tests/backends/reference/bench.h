// A reference device with tensors made from literals, for tests of single ops.
#ifndef INFEROMETER_TESTS_BACKENDS_REFERENCE_BENCH_H_
#define INFEROMETER_TESTS_BACKENDS_REFERENCE_BENCH_H_

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "backends/device.h"

namespace inferometer {

class Bench {
 public:
  using Dims = std::array<std::int64_t, 4>;

  TensorId Floats(Dims dims, const std::vector<float>& values) {
    return device->Upload({"floats", TensorRole::kActivation, QuantId::kF32, dims},
                          std::as_bytes(std::span(values)));
  }
  TensorId Floats(Dims dims) { return Floats(dims, {}); }
  TensorId Indices(Dims dims, const std::vector<std::int32_t>& values = {}) {
    return device->Upload({"indices", TensorRole::kIndex, QuantId::kF32, dims},
                          std::as_bytes(std::span(values)));
  }
  TensorId Cache(Dims dims, QuantId format = QuantId::kF32) {
    return device->Upload({"cache", TensorRole::kKeyCache, format, dims}, {});
  }
  // Encoded by the format's codec, row by row.
  TensorId Encoded(Dims dims, QuantId format, const std::vector<float>& values) {
    std::vector<std::byte> bytes(RowBytes(format, values.size()));
    FormatOf(format).encode(values, bytes.data());
    return device->Upload({"encoded", TensorRole::kMatrix, format, dims}, bytes);
  }

  void Run(const std::vector<Op>& ops, const std::vector<TokenAt>& tokens) {
    device->Prepare(ops)->Run({tokens});
  }
  // `count` tokens of sequence 0 from position 0 on, all of them outputs.
  static std::vector<TokenAt> Tokens(int count) {
    std::vector<TokenAt> tokens;
    for (int i = 0; i < count; ++i) tokens.push_back({0, i, 0, true});
    return tokens;
  }

  std::vector<float> ReadFloats(TensorId id, std::size_t count) {
    std::vector<float> values(count);
    device->Read(id, std::as_writable_bytes(std::span(values)));
    return values;
  }
  std::vector<std::int32_t> ReadIndices(TensorId id, std::size_t count) {
    std::vector<std::int32_t> values(count);
    device->Read(id, std::as_writable_bytes(std::span(values)));
    return values;
  }

  std::unique_ptr<Device> device = OpenReference();
};

}  // namespace inferometer

#endif  // INFEROMETER_TESTS_BACKENDS_REFERENCE_BENCH_H_
