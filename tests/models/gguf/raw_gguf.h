// GGUF files built field by field, so that tests can make each field wrong.
#ifndef INFEROMETER_TESTS_MODELS_GGUF_RAW_GGUF_H_
#define INFEROMETER_TESTS_MODELS_GGUF_RAW_GGUF_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace inferometer {

// The bytes of one little-endian field.
template <typename T>
std::string Field(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}
std::string StringField(std::string_view text);

// Values with their type number before them, as they stand after a key's name.
std::string Uint32Value(std::uint32_t value);
std::string FloatValue(float value);
std::string StringValue(std::string_view value);

struct RawTensor {
  std::string name;
  std::vector<std::uint64_t> dims;
  std::uint32_t type = 0;
  std::uint64_t offset = 0;
};

struct RawGguf {
  std::string magic = "GGUF";
  std::uint32_t version = 3;
  std::optional<std::uint64_t> tensor_count, key_count;   // when they are to lie
  std::vector<std::pair<std::string, std::string>> keys;  // name, value
  std::vector<RawTensor> tensors;
  std::string data;

  // Sets, or with an empty value removes, a key.
  void SetKey(std::string_view name, std::string_view value);
  RawTensor& Tensor(std::string_view name);
  void AddTensor(const std::string& name, const std::vector<std::uint64_t>& dims);  // f32
  std::string Bytes() const;
};

// A sound file: a llama of one layer, width 32, 2 heads of 16, vocabulary 32, tied head, all f32.
RawGguf TinyLlama();

}  // namespace inferometer

#endif  // INFEROMETER_TESTS_MODELS_GGUF_RAW_GGUF_H_
