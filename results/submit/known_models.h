// The models of the suite: what a submission's model must hash to, and what its work costs.
#ifndef INFEROMETER_RESULTS_SUBMIT_KNOWN_MODELS_H_
#define INFEROMETER_RESULTS_SUBMIT_KNOWN_MODELS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace inferometer {

// A row of results/models.json.
struct KnownModel {
  std::string name, quant;
  std::string sha256;  // models/hash.cc
  std::uint64_t bytes = 0;
};

std::span<const KnownModel> KnownModels();
const KnownModel* FindKnownModel(std::string_view name, std::string_view quant);
bool IsKnownModelName(std::string_view name);  // of the catalogue

// What a unit of work moves and computes at least, from the model's plan alone.
struct Price {
  double bytes = 0;
  std::array<double, 4> operations{};  // by NumberType
  double flops() const;
};

// The mean of the tokens `first` to `first + tokens - 1`, one at a time, by their position; the
// cache is f16. Empty when the catalogue has no such model or quant.
std::optional<Price> PriceOfTokens(std::string_view name, std::string_view quant,
                                   std::int64_t first, std::int64_t tokens);

// Of a prompt into an empty cache, in steps of 512 tokens.
std::optional<Price> PriceOfPrompt(std::string_view name, std::string_view quant,
                                   std::int64_t tokens);

// What the logits of a model may err by; of an unknown one: the largest limit that there is.
double ConformanceLimit(std::string_view name, std::string_view quant);

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_SUBMIT_KNOWN_MODELS_H_
