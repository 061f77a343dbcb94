// The model families: how the keys of a GGUF file map to a shape and back.
#ifndef INFEROMETER_MODELS_FAMILIES_H_
#define INFEROMETER_MODELS_FAMILIES_H_

#include <span>
#include <string_view>
#include <vector>

#include "models/gguf/gguf.h"
#include "models/shape.h"

namespace inferometer {

struct Family {
  std::string_view name;  // GGUF's general.architecture
  // Fills what is particular to the family into a shape that has the keys common to all. Throws
  // Error(kInvalidInput) naming the key that the family does not allow or needs.
  void (*read)(const GgufFile& file, ModelShape& shape);
  // The keys that `read` reads, beyond those common to all families.
  void (*write)(const ModelShape& shape, std::vector<GgufKey>& keys);
};

std::span<const Family> Families();

// The shape that the file's keys and tensors describe; it has passed CheckShape. Its name is
// general.name where that is printable, else empty. Throws Error(kInvalidInput) naming the key, and
// for an unknown architecture the known ones.
ModelShape ShapeOf(const GgufFile& file);

// The keys that make ShapeOf return `shape` again. Their text refers to `shape`. Throws
// Error(kUsage) for an unknown family.
std::vector<GgufKey> KeysOf(const ModelShape& shape);
std::vector<GgufKey> KeysOf(ModelShape&& shape) = delete;

// GGUF's name for the divisors of the rope frequencies, f32 {rope_dim / 2}.
inline constexpr std::string_view kRopeFreqsName = "rope_freqs.weight";

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_FAMILIES_H_
