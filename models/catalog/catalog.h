// Model cards: the published shapes that --model knows by name.
#ifndef INFEROMETER_MODELS_CATALOG_CATALOG_H_
#define INFEROMETER_MODELS_CATALOG_CATALOG_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "models/shape.h"

namespace inferometer {

struct ModelCard {
  ModelShape shape;
  std::string source;            // where the numbers were published
  std::uint64_t parameters = 0;  // as published, a tied head counted once
};

// Reads one card: a JSON object with exactly the keys of the cards in this folder. Throws
// Error(kInvalidInput) naming the file and the key.
ModelCard ParseModelCard(std::string_view file, std::string_view text);

// All cards, smallest model first.
std::span<const ModelCard> ModelCards();

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_CATALOG_CATALOG_H_
