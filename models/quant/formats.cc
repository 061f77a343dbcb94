// The table of formats: a new format is one row here and one codec file.
#include "models/quant/formats.h"

#include <fmt/format.h>

#include <bit>
#include <iterator>
#include <string>

#include "harness/base/error.h"
#include "models/quant/blocks.h"
#include "models/quant/codec.h"

namespace inferometer {
namespace {

static_assert(std::endian::native == std::endian::little, "GGUF blocks are little-endian");

// Limits on what a device may differ from the scalar fp32 reference over the same weights.
//
// Matmul, quantized weights: devices round activations to 8 bits with one scale per 32 values. The
// largest of 32 normal values is 2.1 sigma on average, the step 2.1 / 127 sigma, and the error
// power step² / 12 = 2.3e-5 of the signal; values that stray further from normal may double it. f32
// and f16 weights meet fp32 activations; bf16 weights may meet activations rounded to bf16,
// relative error at most 2^-9, power about 2e-6.
// Whole models add the errors of all layers and of the f16 KV cache.
constexpr double kInt8Matmul = 1e-4, kFp32Matmul = 1e-7, kBf16Matmul = 1e-5;
constexpr double kInt8Model = 2e-3, kFp32Model = 1e-5, kBf16Model = 5e-4;

// gguf_type: enum ggml_type of ggml/include/ggml.h.
constexpr Format kFormats[] = {
    {QuantId::kF32, "f32", 0, 1, 4, EncodeF32, DecodeF32, kFp32Matmul, kFp32Model},
    {QuantId::kF16, "f16", 1, 1, 2, EncodeF16, DecodeF16, kFp32Matmul, kFp32Model},
    {QuantId::kBF16, "bf16", 30, 1, 2, EncodeBF16, DecodeBF16, kBf16Matmul, kBf16Model},
    {QuantId::kQ8_0, "q8_0", 8, 32, sizeof(BlockQ8_0), EncodeQ8_0, DecodeQ8_0, kInt8Matmul,
     kInt8Model},
    {QuantId::kQ4_0, "q4_0", 2, 32, sizeof(BlockQ4_0), EncodeQ4_0, DecodeQ4_0, kInt8Matmul,
     kInt8Model},
    {QuantId::kQ4_1, "q4_1", 3, 32, sizeof(BlockQ4_1), EncodeQ4_1, DecodeQ4_1, kInt8Matmul,
     kInt8Model},
    {QuantId::kQ5_0, "q5_0", 6, 32, sizeof(BlockQ5_0), EncodeQ5_0, DecodeQ5_0, kInt8Matmul,
     kInt8Model},
    {QuantId::kQ5_1, "q5_1", 7, 32, sizeof(BlockQ5_1), EncodeQ5_1, DecodeQ5_1, kInt8Matmul,
     kInt8Model},
    {QuantId::kQ4_K, "q4_k", 12, 256, sizeof(BlockQ4_K), EncodeQ4_K, DecodeQ4_K, kInt8Matmul,
     kInt8Model},
    {QuantId::kQ5_K, "q5_k", 13, 256, sizeof(BlockQ5_K), EncodeQ5_K, DecodeQ5_K, kInt8Matmul,
     kInt8Model},
    {QuantId::kQ6_K, "q6_k", 14, 256, sizeof(BlockQ6_K), EncodeQ6_K, DecodeQ6_K, kInt8Matmul,
     kInt8Model},
    {QuantId::kIQ4_NL, "iq4_nl", 20, 32, sizeof(BlockIQ4_NL), EncodeIQ4_NL, DecodeIQ4_NL,
     kInt8Matmul, kInt8Model},
    {QuantId::kMXFP4, "mxfp4", 39, 32, sizeof(BlockMXFP4), EncodeMXFP4, DecodeMXFP4, kInt8Matmul,
     kInt8Model},
};
static_assert(std::size(kFormats) == kQuantCount);

}  // namespace

std::span<const Format> Formats() { return kFormats; }

const Format& FormatOf(QuantId id) {
  for (const Format& format : kFormats) {
    if (format.id == id) return format;
  }
  throw Error(ExitCode::kInvalidInput,
              fmt::format("no quantization format has the number {}", static_cast<int>(id)));
}

const Format* FindFormat(std::string_view name) {
  for (const Format& format : kFormats) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

const Format* FindGgufType(std::uint32_t gguf_type) {
  for (const Format& format : kFormats) {
    if (format.gguf_type == gguf_type) return &format;
  }
  return nullptr;
}

std::size_t RowBytes(QuantId id, std::size_t weights) {
  const Format& format = FormatOf(id);
  if (weights % format.block_weights != 0) {
    throw Error(ExitCode::kInvalidInput,
                fmt::format("a row of {} weights is not made of {} blocks of {}", weights,
                            format.name, format.block_weights));
  }
  return weights / format.block_weights * format.block_bytes;
}

}  // namespace inferometer
