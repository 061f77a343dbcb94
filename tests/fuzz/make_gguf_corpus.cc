// make_gguf_corpus FOLDER: writes the seeds of gguf_fuzz, sound and malformed files, into FOLDER.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>

#include "models/families.h"
#include "models/gguf/gguf.h"
#include "models/synth.h"
#include "tests/models/gguf/malformed.h"
#include "tests/models/gguf/raw_gguf.h"
#include "tests/models/tiny_shape.h"

namespace inferometer {
namespace {

void Save(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << bytes;
  if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

// A sound file of a family, small enough to be mutated well.
std::string SmallFile(std::string_view family) {
  ModelShape shape = TinyShape(family);
  shape.layers = 1;
  shape.width = shape.feed_forward = 8;
  shape.heads = 2;
  shape.kv_heads = 1;
  shape.head_dim = shape.rope_dim = 4;
  shape.vocab = 4;
  if (shape.experts > 0) shape.experts = 2, shape.experts_used = 1;
  RawGguf file;
  for (const GgufKey& key : KeysOf(shape)) {
    if (const auto* text = std::get_if<std::string_view>(&key.value)) {
      file.SetKey(key.name, StringValue(*text));
    } else if (const auto* number = std::get_if<double>(&key.value)) {
      file.SetKey(key.name, FloatValue(static_cast<float>(*number)));
    } else {
      const auto value = std::get<std::uint64_t>(key.value);
      file.SetKey(key.name, Uint32Value(static_cast<std::uint32_t>(value)));
    }
  }
  for (const TensorDesc& weight : ModelTensors(shape, "f32")) {
    file.AddTensor(weight.name, {static_cast<std::uint64_t>(weight.dims[0]),
                                 static_cast<std::uint64_t>(weight.dims[1]),
                                 static_cast<std::uint64_t>(weight.dims[2])});
  }
  return file.Bytes();
}

void MakeCorpus(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  for (const Malformed& file : MalformedFiles()) Save(folder / file.name, file.bytes);
  Save(folder / "sound_tiny", TinyLlama().Bytes());
  for (const Family& family : Families()) {
    const std::string bytes = SmallFile(family.name);
    ParseAll(bytes);  // throws unless it is sound
    Save(folder / ("sound_" + std::string(family.name)), bytes);
  }
}

}  // namespace
}  // namespace inferometer

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: make_gguf_corpus FOLDER\n", stderr);
    return 2;
  }
  try {
    inferometer::MakeCorpus(argv[1]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_gguf_corpus: %s\n", error.what());
    return 7;
  }
}
