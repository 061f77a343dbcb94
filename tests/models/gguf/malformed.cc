// Malformed GGUF files, each with the words that its error must hold.
#include "tests/models/gguf/malformed.h"

#include <cstdint>
#include <limits>
#include <span>

#include "models/families.h"
#include "models/gguf/gguf.h"
#include "models/gguf/reader.h"
#include "models/weights.h"
#include "tests/models/gguf/raw_gguf.h"

namespace inferometer {
namespace {

constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();

std::string Array(GgufType type, std::uint64_t count, const std::string& elements) {
  return Field(GgufType::kArray) + Field(type) + Field(count) + elements;
}

// TinyLlama with one change.
template <typename F>
std::string Changed(F&& change) {
  RawGguf file = TinyLlama();
  change(file);
  return file.Bytes();
}

std::string WithKey(std::string_view name, std::string_view value) {
  return Changed([&](RawGguf& file) { file.SetKey(name, value); });
}

std::string WithType(std::string_view tensor, std::uint32_t type) {
  return Changed([&](RawGguf& file) { file.Tensor(tensor).type = type; });
}

std::string WithDims(std::string_view tensor, const std::vector<std::uint64_t>& dims) {
  return Changed([&](RawGguf& file) { file.Tensor(tensor).dims = dims; });
}

std::string WithOffset(std::string_view tensor, std::uint64_t offset) {
  return Changed([&](RawGguf& file) { file.Tensor(tensor).offset = offset; });
}

std::vector<Malformed> Headers() {
  const std::string sound = TinyLlama().Bytes();
  return {
      {"empty", "", "the magic at byte 0 needs 4 bytes but the file ends after 0"},
      {"magic_only", "GGUF", "the version at byte 4"},
      {"html", "<!DOCTYPE html><html>", "starts with '<!DO' and not with 'GGUF'"},
      {"magic_big_endian", Changed([](RawGguf& f) { f.magic = "FUGG"; }), "big-endian"},
      {"ggml", Changed([](RawGguf& f) { f.magic = "tjgg"; }), "older than GGUF"},
      {"version_0", Changed([](RawGguf& f) { f.version = 0; }), "version 0, known are 2 and 3"},
      {"version_1", Changed([](RawGguf& f) { f.version = 1; }), "convert the model anew"},
      {"version_4", Changed([](RawGguf& f) { f.version = 4; }), "version 4, known are 2 and 3"},
      {"big_endian", Changed([](RawGguf& f) { f.version = 3u << 24; }), "big-endian"},
      {"no_counts", sound.substr(0, 12), "the tensor count at byte 8"},
      {"tensor_count_huge", Changed([](RawGguf& f) { f.tensor_count = kHuge; }), "at most 65536"},
      {"key_count_huge", Changed([](RawGguf& f) { f.key_count = kHuge; }), "at most 65536"},
      {"tensor_count_high", Changed([](RawGguf& f) { f.tensor_count = 65536; }), "tensor 11"},
      {"key_count_high", Changed([](RawGguf& f) { f.key_count = 65536; }), "key 10 at byte"},
      {"cut_in_keys", sound.substr(0, 60), "'general.architecture'"},
      {"cut_in_tensors", sound.substr(0, 500), "but the file ends after"},
      {"cut_in_data", sound.substr(0, sound.size() - 1), "'output_norm.weight' of 128 bytes"},
  };
}

std::vector<Malformed> Keys() {
  std::string long_name(70000, 'k');
  std::string cut_name = Field(std::uint32_t{3}) + Field(std::uint64_t{0}) +
                         Field(std::uint64_t{1}) + Field(kHuge) + "x";
  const std::string uint64 = Field(GgufType::kUint64);
  return {
      {"key_name_length_huge", "GGUF" + cut_name, "the name of key 0 at byte 32 needs"},
      {"key_name_empty", WithKey("", Uint32Value(1)), "has 0 characters"},
      {"key_name_long", WithKey(long_name, Uint32Value(1)), "has 70000 characters"},
      {"key_name_escape", WithKey("a\x1b[2J", Uint32Value(1)), "'a\\x1b[2J'"},
      {"key_twice", Changed([](RawGguf& f) { f.keys.push_back(f.keys[2]); }),
       "key 'llama.block_count' stands twice"},
      {"value_type_unknown", WithKey("k", Field(std::uint32_t{13})), "unknown value type 13"},
      {"string_length_huge", WithKey("k", Field(GgufType::kString) + Field(kHuge)),
       "key 'k' at byte"},
      {"bool_two", WithKey("k", Field(GgufType::kBool) + "\x02"), "expected 0 or 1"},
      {"array_of_arrays", WithKey("k", Array(GgufType::kArray, 1, "")), "array of arrays"},
      {"array_type_unknown", WithKey("k", Array(GgufType{99}, 1, "")), "unknown type 99"},
      {"array_count_wraps", WithKey("k", Array(GgufType::kUint64, (kHuge >> 3) + 2, "")),
       "claims 2305843009213693953 elements"},
      {"array_count_huge", WithKey("k", Array(GgufType::kUint8, kHuge, "")), "elements but only"},
      {"array_strings_cut",
       WithKey("k", Array(GgufType::kString, 2, StringField("a") + Field(kHuge))),
       "key 'k' at byte"},
      {"alignment_0", WithKey("general.alignment", Uint32Value(0)), "expected a power of two"},
      {"alignment_4", WithKey("general.alignment", Uint32Value(4)), "expected a power of two"},
      {"alignment_24", WithKey("general.alignment", Uint32Value(24)), "expected a power of two"},
      {"alignment_huge", WithKey("general.alignment", uint64 + Field(std::uint64_t{1} << 63)),
       "expected a power of two"},
      {"alignment_text", WithKey("general.alignment", StringValue("32")), "is string '32'"},
  };
}

std::vector<Malformed> Tensors() {
  const std::string q = "blk.0.attn_q.weight";
  return {
      {"tensor_name_long", Changed([&](RawGguf& f) { f.Tensor(q).name = std::string(65, 'n'); }),
       "has 65 characters"},
      {"tensor_name_newline", Changed([&](RawGguf& f) { f.Tensor(q).name = "a\nb"; }), "'a\\x0ab'"},
      {"tensor_twice", Changed([&](RawGguf& f) { f.Tensor(q).name = "output_norm.weight"; }),
       "tensor 'output_norm.weight' stands twice"},
      {"dims_none", WithDims(q, {}), "has 0 dimensions"},
      {"dims_five", WithDims(q, {1, 1, 1, 1, 1}), "has 5 dimensions"},
      {"dim_zero", WithDims(q, {32, 0}), "dimension 1 of 0"},
      {"dim_huge", WithDims(q, {kHuge}), "dimension 0 of 18446744073709551615"},
      {"dims_wrap", WithDims(q, {1u << 31, 1u << 31, 4}), "which no tensor can have"},
      {"dims_absurd", WithDims(q, {1u << 24, 1u << 24}), "lies beyond the end of the file"},
      {"type_unknown", WithType(q, 77), "ggml type 77, which is not supported"},
      {"type_q2_k", WithType(q, 10), "ggml type 10 (q2_k)"},
      {"row_of_no_blocks", WithType(q, 12), "no multiple of the 256 in a block of q4_k"},
      {"offset_unaligned", WithOffset(q, 4), "no multiple of the alignment 32"},
      {"offset_beyond", WithOffset(q, 1u << 20), "lies beyond the end of the file"},
      {"offset_wraps", WithOffset(q, kHuge - 31), "lies beyond the end of the file"},
      {"overlap", WithOffset(q, 64), "overlap at byte"},
      {"no_data", Changed([](RawGguf& f) { f.data.clear(); }), "lies beyond the end of the file"},
  };
}

std::vector<Malformed> Models() {
  const std::string q = "blk.0.attn_q.weight";
  const std::string block_count = "llama.block_count";
  const auto without = [](std::string_view name) {
    return Changed([&](RawGguf& f) {
      std::erase_if(f.tensors, [&](const RawTensor& t) { return t.name == name; });
    });
  };
  const auto divisors = [](const std::vector<std::uint64_t>& dims, float value) {
    return Changed([&](RawGguf& f) {
      f.AddTensor("rope_freqs.weight", dims);
      f.data.replace(f.tensors.back().offset, 4, Field(value));
    });
  };
  return {
      {"no_keys", Changed([](RawGguf& f) { f.keys.clear(); }), "'general.architecture' is missing"},
      {"architecture_unknown", WithKey("general.architecture", StringValue("lama")),
       "did you mean 'llama'? Known: llama, qwen2, qwen3, qwen3moe"},
      {"architecture_number", WithKey("general.architecture", Uint32Value(1)),
       "is uint32 1, expected a string"},
      {"split", WithKey("split.count", Uint32Value(2)), "llama-gguf-split --merge"},
      {"mixtral", WithKey("llama.expert_count", Uint32Value(8)), "mixtral"},
      {"layers_missing", WithKey(block_count, ""), "key 'llama.block_count' is missing"},
      {"layers_zero", WithKey(block_count, Uint32Value(0)), "expected an integer from 1"},
      {"layers_negative", WithKey(block_count, Field(GgufType::kInt32) + Field(-1)),
       "is int32 -1, expected an integer"},
      {"layers_huge", WithKey(block_count, Uint32Value(0xffffffffu)), "expected an integer from 1"},
      {"layers_float", WithKey(block_count, FloatValue(1)), "is float32 1, expected an integer"},
      {"layers_array", WithKey(block_count, Array(GgufType::kUint32, 1, Field(1))),
       "is array of 1 uint32"},
      {"layers_beyond_tensors", WithKey(block_count, Uint32Value(4096)), "only 11 tensors"},
      {"layers_two", WithKey(block_count, Uint32Value(2)), "is missing"},
      {"eps_missing", WithKey("llama.attention.layer_norm_rms_epsilon", ""), "is missing"},
      {"eps_nan",
       WithKey("llama.attention.layer_norm_rms_epsilon",
               FloatValue(std::numeric_limits<float>::quiet_NaN())),
       "is float32 nan, expected a float from 0 to 1"},
      {"heads_undivided", WithKey("llama.attention.head_count_kv", Uint32Value(3)), "heads"},
      {"value_length", WithKey("llama.attention.value_length", Uint32Value(8)),
       "is not the length of the keys, 16"},
      {"rope_odd", WithKey("llama.rope.dimension_count", Uint32Value(7)), "rope"},
      {"rope_yarn", WithKey("llama.rope.scaling.type", StringValue("yarn")), "rope scaling 'yarn'"},
      {"rope_scaled_twice", Changed([](RawGguf& f) {
         f.SetKey("llama.rope.scaling.type", StringValue("linear"));
         f.SetKey("llama.rope.scaling.factor", FloatValue(2));
         f.AddTensor("rope_freqs.weight", {8});
       }),
       "both scale the rotation"},
      {"rope_divisors_short", divisors({4}, 1), "expected 8 values of f32"},
      {"rope_divisors_zero", divisors({8}, 0), "by which no frequency can be divided"},
      {"rope_divisors_nan", divisors({8}, std::numeric_limits<float>::quiet_NaN()), "holds nan"},
      {"tensors_missing", Changed([](RawGguf& f) { f.tensors.clear(); }),
       "tensor 'token_embd.weight' is missing"},
      {"tensor_missing", without(q), "tensor 'blk.0.attn_q.weight' is missing"},
      {"tensor_narrow", WithDims(q, {32, 16}),
       "'blk.0.attn_q.weight' has dimensions 32x16x1x1, the file's keys ask for 32x32x1x1"},
      {"norm_f16", WithType("output_norm.weight", 1), "is stored as f16, norms and biases"},
      {"tensor_unknown", Changed([](RawGguf& f) { f.AddTensor("blk.0.attn_sinks.weight", {2}); }),
       "'blk.0.attn_sinks.weight' has no place"},
  };
}

}  // namespace

std::vector<Malformed> MalformedFiles() {
  std::vector<Malformed> files;
  for (const auto& part : {Headers(), Keys(), Tensors(), Models()}) {
    files.insert(files.end(), part.begin(), part.end());
  }
  return files;
}

void ParseAll(const std::string& bytes) {
  const GgufFile file = ReadGguf(std::as_bytes(std::span(bytes.data(), bytes.size())));
  WeightsIn(file, ShapeOf(file));
}

}  // namespace inferometer
