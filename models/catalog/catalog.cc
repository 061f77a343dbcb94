// Reads the embedded model cards.
#include "models/catalog/catalog.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "harness/base/embedded.h"
#include "harness/base/error.h"
#include "models/model.h"

namespace inferometer {
namespace {

using nlohmann::json;

// Takes keys out of one JSON object, remembers which, and names file and key in every complaint.
class Reader {
 public:
  Reader(std::string where, const json& object) : where_(std::move(where)), object_(object) {
    if (!object.is_object()) Refuse("is not a JSON object");
  }

  [[noreturn]] void Refuse(std::string_view why) const {
    throw Error(ExitCode::kInvalidInput, fmt::format("model card {} {}", where_, why));
  }

  const json& At(const std::string& key) {
    seen_.insert(key);
    const auto found = object_.find(key);
    if (found == object_.end()) Refuse(fmt::format("lacks key '{}'", key));
    return *found;
  }

  void Read(const std::string& key, std::int64_t& value) {
    const json& found = At(key);
    if (!found.is_number_integer()) Refuse(fmt::format("key '{}' is not an integer", key));
    if (found.is_number_unsigned() && found.get<std::uint64_t>() > INT64_MAX) {
      Refuse(fmt::format("key '{}' is too large", key));
    }
    value = found.get<std::int64_t>();
  }
  void Read(const std::string& key, double& value) {
    const json& found = At(key);
    if (!found.is_number()) Refuse(fmt::format("key '{}' is not a number", key));
    value = found.get<double>();
  }
  void Read(const std::string& key, bool& value) {
    const json& found = At(key);
    if (!found.is_boolean()) Refuse(fmt::format("key '{}' is not true or false", key));
    value = found.get<bool>();
  }
  void Read(const std::string& key, std::string& value) {
    const json& found = At(key);
    if (!found.is_string()) Refuse(fmt::format("key '{}' is not a string", key));
    value = found.get<std::string>();
  }

  // Refuses keys that nobody read: a misspelt one would otherwise be ignored.
  void Finish() const {
    for (const auto& [key, value] : object_.items()) {
      if (!seen_.contains(key)) Refuse(fmt::format("has unknown key '{}'", key));
    }
  }

 private:
  std::string where_;
  const json& object_;
  std::set<std::string> seen_;
};

RopeStyle ReadRopeStyle(Reader& reader) {
  std::string style;
  reader.Read("rope_style", style);
  if (style == "interleaved") return RopeStyle::kInterleaved;
  if (style == "halves") return RopeStyle::kHalves;
  reader.Refuse("key 'rope_style' is neither 'interleaved' nor 'halves'");
}

RopeScaling ReadRopeScaling(Reader& reader, std::string_view file) {
  RopeScaling scaling;
  const json& object = reader.At("rope_scaling");
  if (object.is_null()) return scaling;
  Reader inner(fmt::format("{} key 'rope_scaling'", file), object);
  inner.Read("factor", scaling.factor);
  inner.Read("low_frequency_factor", scaling.low_frequency_factor);
  inner.Read("high_frequency_factor", scaling.high_frequency_factor);
  inner.Read("original_context", scaling.original_context);
  inner.Finish();
  return scaling;
}

}  // namespace

ModelCard ParseModelCard(std::string_view file, std::string_view text) {
  const json object = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (object.is_discarded()) {
    throw Error(ExitCode::kInvalidInput, fmt::format("model card {} is not valid JSON", file));
  }
  ModelCard card;
  ModelShape& shape = card.shape;
  Reader reader{std::string(file), object};
  std::int64_t parameters = 0;
  double norm_eps = 0;
  reader.Read("name", shape.name);
  reader.Read("source", card.source);
  reader.Read("parameters", parameters);
  reader.Read("family", shape.family);
  reader.Read("layers", shape.layers);
  reader.Read("width", shape.width);
  reader.Read("heads", shape.heads);
  reader.Read("kv_heads", shape.kv_heads);
  reader.Read("head_dim", shape.head_dim);
  reader.Read("feed_forward", shape.feed_forward);
  reader.Read("vocab", shape.vocab);
  reader.Read("context", shape.context);
  reader.Read("norm_eps", norm_eps);
  reader.Read("rope_base", shape.rope_base);
  reader.Read("rope_dim", shape.rope_dim);
  shape.rope_style = ReadRopeStyle(reader);
  shape.rope_scaling = ReadRopeScaling(reader, file);
  reader.Read("tied_head", shape.tied_head);
  reader.Read("qkv_bias", shape.qkv_bias);
  reader.Read("qk_norm", shape.qk_norm);
  reader.Read("experts", shape.experts);
  reader.Read("experts_used", shape.experts_used);
  reader.Finish();
  if (parameters <= 0) reader.Refuse("key 'parameters' is not positive");
  card.parameters = static_cast<std::uint64_t>(parameters);
  shape.norm_eps = static_cast<float>(norm_eps);
  try {
    CheckShape(shape);
  } catch (const Error& error) {
    reader.Refuse(fmt::format("describes no model: {}", error.what()));
  }
  return card;
}

std::span<const ModelCard> ModelCards() {
  static const std::vector<ModelCard> cards = [] {
    std::vector<ModelCard> parsed;
    for (const EmbeddedFile& file : CatalogFiles()) {
      parsed.push_back(ParseModelCard(file.name, file.text));
    }
    return parsed;
  }();
  return cards;
}

std::span<const ModelShape> Catalog() {
  static const std::vector<ModelShape> shapes = [] {
    std::vector<ModelShape> all;
    for (const ModelCard& card : ModelCards()) all.push_back(card.shape);
    return all;
  }();
  return shapes;
}

const ModelShape* FindShape(std::string_view name) {
  for (const ModelShape& shape : Catalog()) {
    if (shape.name == name) return &shape;
  }
  return nullptr;
}

}  // namespace inferometer
