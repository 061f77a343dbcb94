// Writes GGUF v3, tensor by tensor, into a file that appears whole or not at all.
#ifndef INFEROMETER_MODELS_GGUF_WRITER_H_
#define INFEROMETER_MODELS_GGUF_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/file.h"
#include "models/gguf/gguf.h"
#include "models/tensor.h"

namespace inferometer {

// Use in this order: keys, Begin, WriteTensor for each tensor that Begin announced, Commit. What is
// destroyed before Commit leaves nothing behind. Throws Error(kUsage) when the place is not
// writable and Error(kRunFailed) when writing fails.
class GgufWriter {
 public:
  explicit GgufWriter(const std::string& path) : file_(path) {}

  // A key with a single value; widened values are written in the width of key.type.
  void AddKey(const GgufKey& key);
  void AddUint32(std::string_view name, std::uint32_t value);
  void AddFloat32(std::string_view name, float value);
  void AddString(std::string_view name, std::string_view value);
  void AddStrings(std::string_view name, std::span<const std::string> values);
  void AddFloats(std::string_view name, std::span<const float> values);
  void AddInts(std::string_view name, std::span<const std::int32_t> values);

  // Writes the header; `tensors` in the order in which their data will come.
  void Begin(std::span<const TensorDesc> tensors);
  // The data of the next tensor, of exactly ByteSize of its description.
  void WriteTensor(std::span<const std::byte> data);
  void Commit();

 private:
  void StartKey(std::string_view name, GgufType type);
  void StartArray(std::string_view name, GgufType type, std::size_t count);

  AtomicFile file_;
  std::string keys_;  // encoded
  std::uint64_t key_count_ = 0;
  std::vector<std::uint64_t> sizes_;  // of the tensors
  std::size_t written_ = 0;           // tensors
};

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_GGUF_WRITER_H_
