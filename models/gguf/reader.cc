// Reads GGUF v2 and v3 from memory, taking every byte for hostile.
#include "models/gguf/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "harness/base/error.h"
#include "models/gguf/names.h"

namespace inferometer {
namespace {

// Beyond these a file is taken for corrupt: the largest published models have a few thousand
// tensors and a few dozen keys. They bound what a small hostile file can make us allocate.
constexpr std::uint64_t kMostKeys = 1 << 16;
constexpr std::uint64_t kMostTensors = 1 << 16;
constexpr std::uint64_t kLongestKey = 65535;      // specification
constexpr std::uint64_t kLongestTensorName = 64;  // specification
// The specification asks for a multiple of 8, without which f32 tensors would not be aligned.
constexpr std::uint64_t kLeastAlignment = 8;
constexpr std::uint64_t kMostAlignment = 1 << 20;
constexpr std::int64_t kMostElements = std::int64_t{1} << 50;

constexpr const char* kRemedy = "download the file again, or convert the model anew";

[[noreturn]] void Fail(const std::string& what, const char* remedy = kRemedy) {
  throw Error(ExitCode::kInvalidInput, fmt::format("{}; {}", what, remedy));
}

// A position in the file that moves only as far as there are bytes.
class Cursor {
 public:
  explicit Cursor(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::uint64_t offset() const { return offset_; }
  std::uint64_t left() const { return bytes_.size() - offset_; }

  // `what` is said when the file ends too early, together with where.
  std::span<const std::byte> Take(std::uint64_t size, std::string_view what) {
    if (size > left()) {
      Fail(fmt::format("{} at byte {} needs {} bytes but the file ends after {}", what, offset_,
                       size, left()));
    }
    const std::span<const std::byte> taken =
        bytes_.subspan(static_cast<std::size_t>(offset_), static_cast<std::size_t>(size));
    offset_ += size;
    return taken;
  }

  template <typename T>
  T Number(std::string_view what) {
    T value;
    std::memcpy(&value, Take(sizeof value, what).data(), sizeof value);
    return value;
  }

  std::string_view String(std::string_view what) {
    const auto length = Number<std::uint64_t>(what);
    const std::span<const std::byte> text = Take(length, what);
    return {reinterpret_cast<const char*>(text.data()), text.size()};
  }

 private:
  std::span<const std::byte> bytes_;
  std::uint64_t offset_ = 0;
};

// A name of a key or tensor, printable so that it can stand in messages and results.
std::string ReadName(Cursor& cursor, std::string_view what, std::uint64_t longest) {
  const std::uint64_t start = cursor.offset();
  const std::string_view name = cursor.String(fmt::format("the name of {}", what));
  if (name.empty() || name.size() > longest) {
    Fail(fmt::format("the name of {} at byte {} has {} characters, expected 1 to {}", what, start,
                     name.size(), longest));
  }
  if (!std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~'; })) {
    Fail(fmt::format("the name of {} at byte {}, {}, holds characters that are not printable ASCII",
                     what, start, Quoted(name)));
  }
  return std::string(name);
}

GgufArray ReadArray(Cursor& cursor, const std::string& what) {
  GgufArray array;
  const std::uint64_t start = cursor.offset();
  const auto type = cursor.Number<std::uint32_t>(what);
  array.type = static_cast<GgufType>(type);
  array.count = cursor.Number<std::uint64_t>(what);
  if (array.type == GgufType::kArray) {
    Fail(fmt::format("{} at byte {} is an array of arrays, which no known key is", what, start));
  }
  const std::uint64_t element = SizeOf(array.type);  // a string: its length field
  if (element == 0) {
    Fail(fmt::format("{} at byte {} is an array of unknown type {}", what, start, type));
  }
  if (array.count > cursor.left() / element) {
    Fail(fmt::format("{} at byte {} claims {} elements but only {} bytes follow", what, start,
                     array.count, cursor.left()));
  }
  if (array.type != GgufType::kString) {
    array.bytes = cursor.Take(array.count * element, what);
    return array;
  }
  Cursor ahead = cursor;
  for (std::uint64_t i = 0; i < array.count; ++i) ahead.String(what);
  array.bytes = cursor.Take(ahead.offset() - cursor.offset(), what);
  return array;
}

GgufValue ReadValue(Cursor& cursor, GgufType type, const std::string& what) {
  switch (type) {
    case GgufType::kUint8:
      return std::uint64_t{cursor.Number<std::uint8_t>(what)};
    case GgufType::kInt8:
      return std::int64_t{cursor.Number<std::int8_t>(what)};
    case GgufType::kUint16:
      return std::uint64_t{cursor.Number<std::uint16_t>(what)};
    case GgufType::kInt16:
      return std::int64_t{cursor.Number<std::int16_t>(what)};
    case GgufType::kUint32:
      return std::uint64_t{cursor.Number<std::uint32_t>(what)};
    case GgufType::kInt32:
      return std::int64_t{cursor.Number<std::int32_t>(what)};
    case GgufType::kFloat32:
      return double{cursor.Number<float>(what)};
    case GgufType::kBool: {
      const auto value = cursor.Number<std::uint8_t>(what);
      if (value > 1) {
        Fail(fmt::format("{} holds {} before byte {}, expected 0 or 1 for a bool", what, value,
                         cursor.offset()));
      }
      return value == 1;
    }
    case GgufType::kString:
      return cursor.String(what);
    case GgufType::kArray:
      return ReadArray(cursor, what);
    case GgufType::kUint64:
      return cursor.Number<std::uint64_t>(what);
    case GgufType::kInt64:
      return cursor.Number<std::int64_t>(what);
    case GgufType::kFloat64:
      return cursor.Number<double>(what);
  }
  Fail(fmt::format("{} ends at byte {} with unknown value type {}", what, cursor.offset(),
                   static_cast<std::uint32_t>(type)));
}

GgufKey ReadKey(Cursor& cursor, std::uint64_t index) {
  GgufKey key;
  key.offset = cursor.offset();
  key.name = ReadName(cursor, fmt::format("key {}", index), kLongestKey);
  const std::string what = fmt::format("key {}", Quoted(key.name));
  key.type = static_cast<GgufType>(cursor.Number<std::uint32_t>(what));
  key.value = ReadValue(cursor, key.type, what);
  return key;
}

// Reads one tensor info; its offset is still relative to the data section.
GgufTensor ReadTensor(Cursor& cursor, std::uint64_t index) {
  GgufTensor tensor;
  const std::uint64_t start = cursor.offset();
  tensor.name = ReadName(cursor, fmt::format("tensor {}", index), kLongestTensorName);
  const std::string what = fmt::format("tensor '{}'", tensor.name);
  const auto fail = [&](const std::string& why, const char* remedy = kRemedy) {
    Fail(fmt::format("{} at byte {} {}", what, start, why), remedy);
  };
  const auto dim_count = cursor.Number<std::uint32_t>(what);
  if (dim_count < 1 || dim_count > tensor.dims.size()) {
    fail(fmt::format("has {} dimensions, expected 1 to {}", dim_count, tensor.dims.size()));
  }
  std::int64_t elements = 1;
  for (std::uint32_t i = 0; i < dim_count; ++i) {
    const auto dim = cursor.Number<std::uint64_t>(what);
    if (dim == 0 || dim > static_cast<std::uint64_t>(kMostElements / elements)) {
      fail(fmt::format("has dimension {} of {}, which no tensor can have", i, dim));
    }
    tensor.dims[i] = static_cast<std::int64_t>(dim);
    elements *= tensor.dims[i];
  }
  const auto type = cursor.Number<std::uint32_t>(what);
  const Format* format = FindGgufType(type);
  if (format == nullptr) {
    std::string known;
    for (const Format& row : Formats()) {
      known += fmt::format("{}{}", known.empty() ? "" : ", ", row.name);
    }
    fail(fmt::format("is stored as ggml type {}{}, which is not supported; supported: {}", type,
                     NameOfGgmlType(type), known),
         "quantize the model to one of these");
  }
  if (tensor.dims[0] % format->block_weights != 0) {
    fail(fmt::format("has rows of {} values, which is no multiple of the {} in a block of {}",
                     tensor.dims[0], format->block_weights, format->name));
  }
  tensor.format = format->id;
  // At most 2^50 elements of at most 4 bytes, blocks of at most 256 bytes: no overflow.
  tensor.size = static_cast<std::uint64_t>(elements) / format->block_weights * format->block_bytes;
  tensor.offset = cursor.Number<std::uint64_t>(what);
  return tensor;
}

void CheckMagic(Cursor& cursor) {
  const std::span<const std::byte> magic = cursor.Take(4, "the magic");
  const std::string_view text(reinterpret_cast<const char*>(magic.data()), magic.size());
  if (text == "FUGG")
    Fail("the file is big-endian", "convert the model for little-endian machines");
  if (text == "tjgg" || text == "lmgg" || text == "fmgg" || text == "algg") {
    Fail("the file is of a GGML format older than GGUF", "convert the model anew to GGUF");
  }
  if (text != "GGUF")
    Fail(fmt::format("the file starts with {} and not with 'GGUF'", Quoted(text)));
}

std::uint32_t ReadVersion(Cursor& cursor) {
  CheckMagic(cursor);
  const auto version = cursor.Number<std::uint32_t>("the version");
  if (version == 2 || version == 3) return version;
  if (version == 1) {
    Fail("the file is of GGUF version 1, which had other field widths",
         "convert the model anew: llama.cpp's tools write version 3");
  }
  // A big-endian file has the magic in the same order but the version swapped.
  if (version != 0 && (version & 0xffffu) == 0) {
    Fail("the file is big-endian", "convert the model for little-endian machines");
  }
  Fail(fmt::format("the file is of version {}, known are 2 and 3", version));
}

// Throws when two of `items` have the same name.
template <typename T>
void CheckUnique(const std::vector<T>& items, std::string_view kind) {
  std::vector<std::string_view> names;
  names.reserve(items.size());
  for (const T& item : items) names.push_back(item.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) Fail(fmt::format("{} {} stands twice", kind, Quoted(*twice)));
}

std::uint64_t AlignmentOf(const std::vector<GgufKey>& keys) {
  const auto key = std::find_if(keys.begin(), keys.end(),
                                [](const GgufKey& k) { return k.name == "general.alignment"; });
  if (key == keys.end()) return kGgufDefaultAlignment;
  const auto* alignment = std::get_if<std::uint64_t>(&key->value);
  if (alignment == nullptr || !std::has_single_bit(*alignment) || *alignment < kLeastAlignment ||
      *alignment > kMostAlignment) {
    Fail(
        fmt::format("key 'general.alignment' at byte {} is {}, expected a power of two from {} to "
                    "{}",
                    key->offset, ValueText(*key), kLeastAlignment, kMostAlignment));
  }
  return *alignment;
}

// Makes the tensors' offsets count from the start of the file, having checked them.
void PlaceTensors(GgufFile& file, std::uint64_t header_end) {
  if (file.tensors.empty()) return;
  const std::uint64_t padding = (file.alignment - header_end % file.alignment) % file.alignment;
  const std::uint64_t size = file.bytes.size();
  if (padding > size - header_end) Fail(fmt::format("no tensor data follows byte {}", header_end));
  const std::uint64_t data = header_end + padding;
  std::vector<const GgufTensor*> by_offset;
  by_offset.reserve(file.tensors.size());
  for (GgufTensor& tensor : file.tensors) {
    if (tensor.offset % file.alignment != 0) {
      Fail(fmt::format("tensor '{}' lies at offset {} of the data, no multiple of the alignment {}",
                       tensor.name, tensor.offset, file.alignment));
    }
    if (tensor.offset > size - data || tensor.size > size - data - tensor.offset) {
      Fail(
          fmt::format("tensor '{}' of {} bytes at offset {} of the data, which starts at byte {}, "
                      "lies beyond the end of the file, which has {} bytes",
                      tensor.name, tensor.size, tensor.offset, data, size));
    }
    tensor.offset += data;
    by_offset.push_back(&tensor);
  }
  std::sort(by_offset.begin(), by_offset.end(),
            [](const GgufTensor* a, const GgufTensor* b) { return a->offset < b->offset; });
  for (std::size_t i = 1; i < by_offset.size(); ++i) {
    const GgufTensor& before = *by_offset[i - 1];
    if (before.offset + before.size > by_offset[i]->offset) {
      Fail(fmt::format("tensors '{}' and '{}' overlap at byte {}", before.name, by_offset[i]->name,
                       by_offset[i]->offset));
    }
  }
}

}  // namespace

GgufFile ReadGguf(std::span<const std::byte> bytes) {
  GgufFile file;
  file.bytes = bytes;
  Cursor cursor(bytes);
  file.version = ReadVersion(cursor);
  const auto tensor_count = cursor.Number<std::uint64_t>("the tensor count");
  const auto key_count = cursor.Number<std::uint64_t>("the key count");
  if (tensor_count > kMostTensors || key_count > kMostKeys) {
    Fail(
        fmt::format("the header at byte 8 claims {} tensors and {} keys, expected at most {} and "
                    "{}",
                    tensor_count, key_count, kMostTensors, kMostKeys));
  }
  for (std::uint64_t i = 0; i < key_count; ++i) file.keys.push_back(ReadKey(cursor, i));
  CheckUnique(file.keys, "key");
  file.alignment = AlignmentOf(file.keys);
  for (std::uint64_t i = 0; i < tensor_count; ++i) file.tensors.push_back(ReadTensor(cursor, i));
  CheckUnique(file.tensors, "tensor");
  PlaceTensors(file, cursor.offset());
  return file;
}

std::span<const std::byte> DataOf(const GgufFile& file, const GgufTensor& tensor) {
  return file.bytes.subspan(static_cast<std::size_t>(tensor.offset),
                            static_cast<std::size_t>(tensor.size));
}

}  // namespace inferometer
