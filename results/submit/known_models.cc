// The models of the suite, from results/models.json and the catalogue of shapes.
#include "results/submit/known_models.h"

#include <algorithm>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <utility>
#include <vector>

#include "harness/base/embedded.h"
#include "harness/base/error.h"
#include "models/cost.h"
#include "models/plan.h"
#include "models/quant/formats.h"
#include "models/synth.h"
#include "results/json.h"

namespace inferometer {
namespace {

// The suite's: a longer prompt is run in steps of so many tokens.
constexpr std::int64_t kPromptStep = 512;
// Beyond it nothing is priced: the suite's longest point has far fewer.
constexpr std::int64_t kMostPositions = 1 << 17;

std::vector<KnownModel> ReadModels() {
  std::vector<KnownModel> models;
  for (const EmbeddedFile& file : SchemaFiles()) {
    if (file.name != "models.json") continue;
    const nlohmann::json document = ParseJson(file.text, file.name);
    for (const JsonValue& item : JsonValue(document)["models"].Items()) {
      models.push_back({item["name"].String(), item["quant"].String(), item["sha256"].String(),
                        item["bytes"].Unsigned()});
    }
  }
  return models;
}

// The plan of a model of the catalogue, built once; null when there is none.
const ModelPlan* PlanOf(std::string_view name, std::string_view quant) {
  static std::mutex mutex;
  static std::map<std::pair<std::string, std::string>, std::unique_ptr<ModelPlan>> plans;
  const std::lock_guard lock(mutex);
  const auto key = std::pair(std::string(name), std::string(quant));
  if (const auto found = plans.find(key); found != plans.end()) return found->second.get();
  const ModelShape* shape = FindShape(name);
  if (shape == nullptr) return nullptr;
  Model model;
  model.name = key.first;
  model.quant = key.second;
  model.shape = *shape;
  try {
    model.tensors = ModelTensors(*shape, quant);
  } catch (const Error&) {
    return nullptr;  // a quant that is not of ours
  }
  PlanLimits limits;
  limits.positions = shape->context;
  limits.step_tokens = kPromptStep;
  return (plans[key] = std::make_unique<ModelPlan>(BuildPlan(model, limits))).get();
}

void Add(Price& price, std::span<const Op> ops, const Step& step, double share) {
  for (const Op& op : ops) {
    const Cost cost = CostOf(op, step);
    price.bytes += share * cost.bytes;
    price.operations[static_cast<std::size_t>(ArithmeticOf(op))] += share * cost.flops;
  }
}

}  // namespace

std::span<const KnownModel> KnownModels() {
  static const std::vector<KnownModel> models = ReadModels();
  return models;
}

const KnownModel* FindKnownModel(std::string_view name, std::string_view quant) {
  for (const KnownModel& model : KnownModels()) {
    if (model.name == name && model.quant == quant) return &model;
  }
  return nullptr;
}

bool IsKnownModelName(std::string_view name) { return FindShape(name) != nullptr; }

double Price::flops() const { return std::accumulate(operations.begin(), operations.end(), 0.0); }

std::optional<Price> PriceOfTokens(std::string_view name, std::string_view quant,
                                   std::int64_t first, std::int64_t tokens) {
  const ModelPlan* plan = PlanOf(name, quant);
  if (plan == nullptr || first < 0 || tokens < 1 || first > kMostPositions ||
      tokens > kMostPositions) {
    return std::nullopt;
  }
  // Cost is linear in the position, so the ends say what the middle is.
  Price price;
  for (const std::int64_t position : {first, first + tokens - 1}) {
    const TokenAt token{.position = static_cast<std::int32_t>(position), .output = true};
    Add(price, plan->ops, {{&token, 1}}, 0.5);
  }
  return price;
}

std::optional<Price> PriceOfPrompt(std::string_view name, std::string_view quant,
                                   std::int64_t tokens) {
  const ModelPlan* plan = PlanOf(name, quant);
  if (plan == nullptr || tokens < 1 || tokens > kMostPositions) return std::nullopt;
  Price price;
  for (std::int64_t at = 0; at < tokens; at += kPromptStep) {
    std::vector<TokenAt> step(static_cast<std::size_t>(std::min(kPromptStep, tokens - at)));
    for (std::size_t i = 0; i < step.size(); ++i) {
      step[i].position = static_cast<std::int32_t>(at) + static_cast<std::int32_t>(i);
    }
    step.back().output = at + kPromptStep >= tokens;
    Add(price, plan->ops, {step}, 1);
  }
  return price;
}

double ConformanceLimit(std::string_view name, std::string_view quant) {
  double limit = FormatOf(QuantId::kF16).model_nmse;
  if (const ModelPlan* plan = PlanOf(name, quant)) {
    for (const TensorDesc& tensor : plan->tensors) {
      const bool multiplied = tensor.role == TensorRole::kTable ||
                              tensor.role == TensorRole::kMatrix ||
                              tensor.role == TensorRole::kTableMatrix;
      if (multiplied) {
        limit = std::max(limit, FormatOf(tensor.format).model_nmse);
      }
    }
    return limit;
  }
  for (const Format& format : Formats()) limit = std::max(limit, format.model_nmse);
  return limit;
}

}  // namespace inferometer
