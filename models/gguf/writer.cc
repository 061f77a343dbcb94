// Writes GGUF v3, tensor by tensor, into a file that appears whole or not at all.
#include "models/gguf/writer.h"

#include <fmt/format.h>

#include "harness/base/error.h"

namespace inferometer {
namespace {

constexpr std::uint32_t kVersion = 3;

template <typename T>
void Put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void PutString(std::string& out, std::string_view text) {
  Put(out, std::uint64_t{text.size()});
  out += text;
}

std::uint64_t PaddingOf(std::uint64_t size) {
  return (kGgufDefaultAlignment - size % kGgufDefaultAlignment) % kGgufDefaultAlignment;
}

// The dimensions up to the last that is not 1; at least one.
std::size_t DimCount(const TensorDesc& desc) {
  std::size_t count = desc.dims.size();
  while (count > 1 && desc.dims[count - 1] == 1) --count;
  return count;
}

struct PutScalar {
  std::string& out;
  GgufType type;

  void Integer(std::uint64_t bits) const {
    switch (type) {
      case GgufType::kUint8:
      case GgufType::kInt8:
        return Put(out, static_cast<std::uint8_t>(bits));
      case GgufType::kUint16:
      case GgufType::kInt16:
        return Put(out, static_cast<std::uint16_t>(bits));
      case GgufType::kUint32:
      case GgufType::kInt32:
        return Put(out, static_cast<std::uint32_t>(bits));
      default:
        return Put(out, bits);
    }
  }
  void operator()(std::uint64_t value) const { Integer(value); }
  void operator()(std::int64_t value) const { Integer(static_cast<std::uint64_t>(value)); }
  void operator()(bool value) const { Put(out, static_cast<std::uint8_t>(value)); }
  void operator()(double value) const {
    if (type == GgufType::kFloat32) return Put(out, static_cast<float>(value));
    Put(out, value);
  }
  void operator()(std::string_view value) const { PutString(out, value); }
  void operator()(const GgufArray& array) const {
    Put(out, array.type);
    Put(out, array.count);
    out.append(reinterpret_cast<const char*>(array.bytes.data()), array.bytes.size());
  }
};

}  // namespace

void GgufWriter::StartKey(std::string_view name, GgufType type) {
  PutString(keys_, name);
  Put(keys_, type);
  ++key_count_;
}

void GgufWriter::StartArray(std::string_view name, GgufType type, std::size_t count) {
  StartKey(name, GgufType::kArray);
  Put(keys_, type);
  Put(keys_, std::uint64_t{count});
}

void GgufWriter::AddKey(const GgufKey& key) {
  StartKey(key.name, key.type);
  std::visit(PutScalar{keys_, key.type}, key.value);
}

void GgufWriter::AddUint32(std::string_view name, std::uint32_t value) {
  StartKey(name, GgufType::kUint32);
  Put(keys_, value);
}

void GgufWriter::AddFloat32(std::string_view name, float value) {
  StartKey(name, GgufType::kFloat32);
  Put(keys_, value);
}

void GgufWriter::AddString(std::string_view name, std::string_view value) {
  StartKey(name, GgufType::kString);
  PutString(keys_, value);
}

void GgufWriter::AddStrings(std::string_view name, std::span<const std::string> values) {
  StartArray(name, GgufType::kString, values.size());
  for (const std::string& value : values) PutString(keys_, value);
}

void GgufWriter::AddFloats(std::string_view name, std::span<const float> values) {
  StartArray(name, GgufType::kFloat32, values.size());
  for (const float value : values) Put(keys_, value);
}

void GgufWriter::AddInts(std::string_view name, std::span<const std::int32_t> values) {
  StartArray(name, GgufType::kInt32, values.size());
  for (const std::int32_t value : values) Put(keys_, value);
}

void GgufWriter::Begin(std::span<const TensorDesc> tensors) {
  std::string header = "GGUF";
  Put(header, kVersion);
  Put(header, std::uint64_t{tensors.size()});
  Put(header, key_count_);
  header += keys_;
  std::uint64_t offset = 0;
  for (const TensorDesc& desc : tensors) {
    const std::size_t dim_count = DimCount(desc);
    PutString(header, desc.name);
    Put(header, static_cast<std::uint32_t>(dim_count));
    for (std::size_t i = 0; i < dim_count; ++i) Put(header, desc.dims[i]);
    Put(header, FormatOf(desc.format).gguf_type);
    Put(header, offset);
    sizes_.push_back(ByteSize(desc));
    offset += sizes_.back() + PaddingOf(sizes_.back());
  }
  header.append(static_cast<std::size_t>(PaddingOf(header.size())), '\0');
  file_.Write(header);
}

void GgufWriter::WriteTensor(std::span<const std::byte> data) {
  if (written_ == sizes_.size() || data.size() != sizes_[written_]) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("GGUF: tensor {} of {} has {} bytes of data, which is not what its "
                            "description says",
                            written_, sizes_.size(), data.size()));
  }
  file_.Write(data);
  file_.Write(std::string(static_cast<std::size_t>(PaddingOf(data.size())), '\0'));
  ++written_;
}

void GgufWriter::Commit() {
  if (written_ != sizes_.size()) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("GGUF: {} of {} tensors have been written", written_, sizes_.size()));
  }
  file_.Commit();
}

}  // namespace inferometer
