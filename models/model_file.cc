// Models in GGUF files: opened by mapping, written tensor by tensor.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "models/families.h"
#include "models/gguf/keys.h"
#include "models/gguf/names.h"
#include "models/gguf/reader.h"
#include "models/gguf/writer.h"
#include "models/model.h"
#include "models/weights.h"

namespace inferometer {
namespace {

// "models/x.gguf" -> "x".
std::string StemOf(const std::string& path) {
  const std::size_t slash = path.find_last_of("/\\");
  std::string stem = slash == std::string::npos ? path : path.substr(slash + 1);
  if (stem.size() > 5 && stem.ends_with(".gguf")) stem.resize(stem.size() - 5);
  return stem;
}

// The mixture that general.file_type names, else what most of the matrix bytes are stored as.
std::string QuantOf(const GgufFile& file, const Model& model) {
  const GgufKey* key = FindKey(file, "general.file_type");
  const auto* file_type = key == nullptr ? nullptr : std::get_if<std::uint64_t>(&key->value);
  if (file_type != nullptr) {
    const std::string_view name = NameOfFileType(*file_type);
    if (!name.empty() && FindFormat(name) == nullptr) return std::string(name);
  }
  std::map<QuantId, std::uint64_t> bytes;
  for (const TensorDesc& tensor : model.tensors) {
    if (tensor.role != TensorRole::kVector) bytes[tensor.format] += ByteSize(tensor);
  }
  const auto most = std::max_element(
      bytes.begin(), bytes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return std::string(FormatOf(most->first).name);
}

struct OpenFile {
  explicit OpenFile(MappedFile file) : mapped(std::move(file)), gguf(ReadGguf(mapped.bytes())) {}
  MappedFile mapped;
  GgufFile gguf;
  std::vector<const GgufTensor*> weights;  // in the order of Model::tensors
};

Model OpenChecked(MappedFile mapped, const std::string& path) {
  const auto open = std::make_shared<OpenFile>(std::move(mapped));
  Model model;
  model.name = StemOf(path);
  model.path = path;
  model.shape = ShapeOf(open->gguf);
  if (model.shape.name.empty()) model.shape.name = model.name;
  model.tensors = WeightsIn(open->gguf, model.shape);
  auto next = model.tensors.begin();
  for (const GgufTensor& tensor : open->gguf.tensors) {
    if (next == model.tensors.end() || tensor.name != next->name) continue;
    open->weights.push_back(&tensor);
    model.bytes += tensor.size;
    ++next;
  }
  model.quant = QuantOf(open->gguf, model);
  model.load = [open](std::size_t i) { return DataOf(open->gguf, *open->weights.at(i)); };
  return model;
}

// llama.cpp's token types.
enum TokenType : std::int32_t { kNormal = 1, kUnknown = 2, kControl = 3, kByte = 6 };

// A vocabulary of the right size that means nothing: loaders refuse a file without one. The byte
// tokens are there because loaders tokenise test texts. Inferometer itself sees token ids only.
void AddVocabulary(GgufWriter& writer, std::size_t vocab) {
  constexpr std::size_t kBytes = 256;
  std::vector<std::string> tokens = {"<unk>", "<s>", "</s>"};
  std::vector<std::int32_t> types = {kUnknown, kControl, kControl};
  if (vocab < tokens.size() + kBytes) {  // no room: only loaders that need no text can read it
    writer.AddString("tokenizer.ggml.model", "none");
    return;
  }
  for (std::size_t byte = 0; byte < kBytes; ++byte) {
    tokens.push_back(fmt::format("<0x{:02X}>", byte));
    types.push_back(kByte);
  }
  for (std::size_t id = tokens.size(); id < vocab; ++id) {
    tokens.push_back(fmt::format("token{}", id));
    types.push_back(kNormal);
  }
  writer.AddString("tokenizer.ggml.model", "llama");
  writer.AddStrings("tokenizer.ggml.tokens", tokens);
  writer.AddFloats("tokenizer.ggml.scores", std::vector<float>(vocab, 0.0f));
  writer.AddInts("tokenizer.ggml.token_type", types);
  writer.AddUint32("tokenizer.ggml.unknown_token_id", 0);
  writer.AddUint32("tokenizer.ggml.bos_token_id", 1);
  writer.AddUint32("tokenizer.ggml.eos_token_id", 2);
}

// Divisors of the rotation that no tensor holds are all the same and have keys.
void AddLinearScaling(GgufWriter& writer, const Model& model) {
  const std::vector<float>& divisors = model.shape.rope_divisors;
  if (divisors.empty() || FindTensor(model, kRopeFreqsName) >= 0) return;
  if (std::any_of(divisors.begin(), divisors.end(), [&](float d) { return d != divisors[0]; })) {
    throw Error(ExitCode::kInvalidInput,
                fmt::format("model '{}': its rope divisors differ, so it must have a tensor '{}'",
                            model.name, kRopeFreqsName));
  }
  writer.AddString(model.shape.family + ".rope.scaling.type", "linear");
  writer.AddFloat32(model.shape.family + ".rope.scaling.factor", divisors[0]);
}

}  // namespace

Model OpenModel(const std::string& path) {
  MappedFile mapped(path);  // its errors name the path
  try {
    return OpenChecked(std::move(mapped), path);
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("'{}' cannot be used: {}", path, error.what()));
  }
}

void WriteModel(const Model& model, const std::string& path) {
  const ModelShape& shape = model.shape;
  GgufWriter writer(path);
  for (const GgufKey& key : KeysOf(shape)) writer.AddKey(key);
  writer.AddString("general.type", "model");
  writer.AddUint32("general.quantization_version", 2);  // GGML_QNT_VERSION of ggml.h
  if (const auto file_type = FileTypeOf(model.quant)) {
    writer.AddUint32("general.file_type", *file_type);
  }
  AddLinearScaling(writer, model);
  AddVocabulary(writer, static_cast<std::size_t>(shape.vocab));
  writer.Begin(model.tensors);
  for (std::size_t i = 0; i < model.tensors.size(); ++i) writer.WriteTensor(model.load(i));
  writer.Commit();
}

}  // namespace inferometer
