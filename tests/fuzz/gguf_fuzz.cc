// Fuzzes the way of a GGUF file into a model: header, shape, weights. Only Error may come out.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "harness/base/error.h"
#include "models/families.h"
#include "models/gguf/gguf.h"
#include "models/gguf/reader.h"
#include "models/weights.h"

namespace inferometer {
namespace {

// Aborts, which libFuzzer reports, when what the reader promises does not hold.
void Require(bool holds) {
  if (!holds) std::abort();
}

void ParseAndCheck(std::span<const std::byte> bytes) {
  const GgufFile file = ReadGguf(bytes);
  for (const GgufTensor& tensor : file.tensors) {
    Require(tensor.offset % file.alignment == 0);
    Require(tensor.offset <= bytes.size() && tensor.size <= bytes.size() - tensor.offset);
    Require(DataOf(file, tensor).size() == tensor.size);
  }
  const ModelShape shape = ShapeOf(file);
  for (const TensorDesc& weight : WeightsIn(file, shape)) {
    Require(ByteSize(weight) <= bytes.size());
  }
  Require(RopeFrequencies(shape).size() == static_cast<std::size_t>(shape.rope_dim / 2));
  Require(!KeysOf(shape).empty());
}

}  // namespace
}  // namespace inferometer

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    inferometer::ParseAndCheck(std::as_bytes(std::span(data, size)));
  } catch (const inferometer::Error& error) {
    inferometer::Require(error.code() == inferometer::ExitCode::kInvalidInput);
  }
  return 0;
}
