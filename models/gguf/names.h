// The names and sizes of GGUF's types, and its values as text for messages.
#ifndef INFEROMETER_MODELS_GGUF_NAMES_H_
#define INFEROMETER_MODELS_GGUF_NAMES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "models/gguf/gguf.h"

namespace inferometer {

// Bytes of one value; of a string the length field only. 0 for an array and for unknown types.
std::uint64_t SizeOf(GgufType type);

// "uint32"; "type 77" when unknown.
std::string NameOf(GgufType type);

// " (q2_k)" for a ggml tensor type that this program knows by name only, else empty.
std::string NameOfGgmlType(std::uint32_t type);

// What general.file_type says, "q4_k_m"; empty when unknown. And back, empty when it has no number.
std::string_view NameOfFileType(std::uint64_t file_type);
std::optional<std::uint32_t> FileTypeOf(std::string_view name);

// Text of a file for a message: quoted, what is not printable ASCII escaped, cut when long.
std::string Quoted(std::string_view text);

// The value of a key for a message: "float32 1.5", "an array of 3 string".
std::string ValueText(const GgufKey& key);

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_GGUF_NAMES_H_
