// Reads GGUF v2 and v3 from memory, taking every byte for hostile.
#ifndef INFEROMETER_MODELS_GGUF_READER_H_
#define INFEROMETER_MODELS_GGUF_READER_H_

#include <cstddef>
#include <span>

#include "models/gguf/gguf.h"

namespace inferometer {

// Reads the header of the GGUF file `bytes`, which must outlive the result. Each count, length,
// offset, type and product is checked against the file's size before it is used. Throws
// Error(kInvalidInput) that names the key or tensor, the byte and the remedy.
GgufFile ReadGguf(std::span<const std::byte> bytes);

// The data of a tensor of `file`.
std::span<const std::byte> DataOf(const GgufFile& file, const GgufTensor& tensor);

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_GGUF_READER_H_
