// A model file small enough that the whole program runs on it within seconds.
#ifndef INFEROMETER_TESTS_HARNESS_CLI_TINY_MODEL_H_
#define INFEROMETER_TESTS_HARNESS_CLI_TINY_MODEL_H_

#include <string>

#include "models/model.h"

namespace inferometer {

inline constexpr std::int64_t kTinyVocab = 256;
inline constexpr std::int64_t kTinyContext = 4096;

inline void WriteTinyModel(const std::string& path) {
  ModelShape shape;
  shape.name = "tiny";
  shape.family = "llama";
  shape.layers = 2;
  shape.width = 64;
  shape.heads = 4;
  shape.kv_heads = 2;
  shape.head_dim = 16;
  shape.rope_dim = 16;
  shape.feed_forward = 128;
  shape.vocab = kTinyVocab;
  shape.context = kTinyContext;
  shape.tied_head = true;
  WriteModel(SynthesizeModel(shape, "q8_0", 1), path);
}

}  // namespace inferometer

#endif  // INFEROMETER_TESTS_HARNESS_CLI_TINY_MODEL_H_
