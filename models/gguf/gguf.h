// What a GGUF file says, as plain structs: its keys, its tensors and where their bytes lie.
//
// Source of every field: the GGUF specification, docs/gguf.md of github.com/ggml-org/ggml.
#ifndef INFEROMETER_MODELS_GGUF_GGUF_H_
#define INFEROMETER_MODELS_GGUF_GGUF_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/quant/formats.h"

namespace inferometer {

// gguf_metadata_value_type.
enum class GgufType : std::uint32_t {
  kUint8,
  kInt8,
  kUint16,
  kInt16,
  kUint32,
  kInt32,
  kFloat32,
  kBool,
  kString,
  kArray,
  kUint64,
  kInt64,
  kFloat64,
};

// An array as it lies in the file: `count` elements of `type`, checked to be whole; strings with
// their lengths before them. A view: it lives as long as the file's bytes.
struct GgufArray {
  GgufType type = GgufType::kUint8;
  std::uint64_t count = 0;
  std::span<const std::byte> bytes;
};

// Unsigned and signed integers and floats of any width are widened; the key keeps the type.
using GgufValue =
    std::variant<std::uint64_t, std::int64_t, double, bool, std::string_view, GgufArray>;

struct GgufKey {
  std::string name;  // printable ASCII
  GgufType type = GgufType::kUint32;
  GgufValue value;
  std::uint64_t offset = 0;  // of the key in the file
};

struct GgufTensor {
  std::string name;  // printable ASCII
  QuantId format = QuantId::kF32;
  std::array<std::int64_t, 4> dims{1, 1, 1, 1};  // fastest first
  std::uint64_t offset = 0;                      // of the data, from the start of the file
  std::uint64_t size = 0;                        // bytes
};

// A file that has been checked: every name is unique, every tensor lies inside the file, aligned,
// and overlaps no other.
struct GgufFile {
  std::span<const std::byte> bytes;  // the whole file; keys and tensors refer to it
  std::uint32_t version = 0;
  std::uint64_t alignment = 0;
  std::vector<GgufKey> keys;
  std::vector<GgufTensor> tensors;
};

inline constexpr std::uint64_t kGgufDefaultAlignment = 32;

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_GGUF_GGUF_H_
