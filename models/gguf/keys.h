// Typed access to the keys of a GGUF file, with ranges.
//
// All throw Error(kInvalidInput) naming the key, its byte and what was expected, when a key is
// missing (Required...), has another type, or lies outside [least, most].
#ifndef INFEROMETER_MODELS_GGUF_KEYS_H_
#define INFEROMETER_MODELS_GGUF_KEYS_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "models/gguf/gguf.h"

namespace inferometer {

// Null when there is none of that name.
const GgufKey* FindKey(const GgufFile& file, std::string_view name);
const GgufTensor* FindTensor(const GgufFile& file, std::string_view name);

// Integers of any width and sign.
std::int64_t RequiredInt(const GgufFile& file, std::string_view name, std::int64_t least,
                         std::int64_t most);
std::optional<std::int64_t> OptionalInt(const GgufFile& file, std::string_view name,
                                        std::int64_t least, std::int64_t most);

// Floats of either width; finite.
double RequiredFloat(const GgufFile& file, std::string_view name, double least, double most);
std::optional<double> OptionalFloat(const GgufFile& file, std::string_view name, double least,
                                    double most);

// Views into the file; any bytes: not necessarily printable.
std::string_view RequiredString(const GgufFile& file, std::string_view name);
std::optional<std::string_view> OptionalString(const GgufFile& file, std::string_view name);

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_GGUF_KEYS_H_
