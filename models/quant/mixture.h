// Which format each tensor of a model gets under a --quant name.
#ifndef INFEROMETER_MODELS_QUANT_MIXTURE_H_
#define INFEROMETER_MODELS_QUANT_MIXTURE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/quant/formats.h"
#include "models/shape.h"

namespace inferometer {

// Every name that --quant takes: the formats, and the mixture "q4_k_m".
std::vector<std::string> QuantNames();

// Throws Error(kUsage) naming the nearest quant when there is none called `quant`.
void CheckQuant(std::string_view quant);

// The format that llama.cpp gives the tensor with that GGUF name and rows of `row_width` values in
// a file of kind `quant` (llama_tensor_get_type in src/llama-quant.cpp, without importance matrix):
// - vectors (norms, biases, rope frequencies) and the router of the experts stay f32;
// - under f32, f16 and bf16 everything else has that format;
// - otherwise the output head, or the table that is tied to it, is q6_k, and q8_0 under q8_0;
// - q4_k_m is q4_k with q6_k for attn_v and ffn_down of the layers that matter more;
// - models of 8 experts get q8_0 for attn_k and attn_v, and under q4_k_m q5_k for attn_output;
// - rows that 256 does not divide get q5_0 for q4_k, q5_1 for q5_k, q8_0 for q6_k; rows that 32
// does
//   not divide get f16.
// "q4_k" and "q5_k" are those formats throughout, head apart: llama.cpp takes these two words for
// its _M mixtures. Throws Error(kUsage) for an unknown quant.
QuantId FormatOfTensor(std::string_view quant, const ModelShape& shape, std::string_view name,
                       std::int64_t row_width);

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_QUANT_MIXTURE_H_
