// `inferometer model`: makes, inspects and hashes GGUF files.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstddef>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "harness/base/interrupt.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/names.h"
#include "harness/cli/options.h"
#include "harness/cli/table.h"
#include "harness/cli/terminal.h"
#include "models/cost.h"
#include "models/plan.h"
#include "models/quant/mixture.h"

namespace inferometer {
namespace {

struct Arguments {
  std::string model, quant, file;
  std::uint64_t seed = 1;
  bool json = false;
};

constexpr Option<Arguments> kMakeOptions[] = {
    {{"--model", "NAME", "a standard model ('list models')", "", "Options", false, true},
     [](Arguments& a, const Given& g) { a.model = KnownName(g, "model", ModelNames()); }},
    {{"--quant", "Q", "how the weights are stored ('list quants')", "", "Options", false, true},
     [](Arguments& a, const Given& g) { a.quant = KnownName(g, "quant", QuantNames()); }},
    {{"--seed", "N", "of the weights; the same seed gives the same bytes everywhere", "1",
      "Options"},
     [](Arguments& a, const Given& g) { a.seed = SeedNumber(g); }},
    {{"-o,--output", "FILE", "the GGUF file to write", "", "Options", false, true},
     [](Arguments& a, const Given& g) { a.file = g.value; }},
};

constexpr Option<Arguments> kFileOption = {
    {"FILE", "FILE", "a GGUF file", "", "Arguments", false, true},
    [](Arguments& a, const Given& g) { a.file = g.value; }};

constexpr Option<Arguments> kInspectOptions[] = {
    kFileOption,
    {{"--json", "", "as JSON", "", "Options"}, [](Arguments& a, const Given&) { a.json = true; }},
};

constexpr Option<Arguments> kHashOptions[] = {kFileOption};

int Make(const Arguments& arguments) {
  const Interrupt interrupt("");  // first, as what is checked leaves a file for a moment
  CheckWritable(arguments.file);
  Model model = SynthesizeModel(*FindShape(arguments.model), arguments.quant, arguments.seed);
  // The writer asks for one tensor after the other: there it can be stopped, and its unfinished
  // file goes with it.
  model.load = [load = std::move(model.load), &arguments](std::size_t i) {
    if (Interrupt::Signal() != 0) {
      throw Error(ExitCode::kRunFailed,
                  fmt::format("interrupted: '{}' was not written", arguments.file));
    }
    return load(i);
  };
  WriteModel(model, arguments.file);
  PrintErr(fmt::format("{}: {} {}, {}\n", Printable(arguments.file), arguments.model,
                       arguments.quant, HumanBytes(static_cast<double>(model.bytes))));
  return static_cast<int>(ExitCode::kOk);
}

// What one decoded token costs with `depth` positions in the cache, and what the cache grows by.
struct TokenCost {
  Cost decode;
  std::uint64_t kv_bytes = 0;  // per position
};

TokenCost CostOfToken(const Model& model, std::int64_t depth) {
  PlanLimits limits;
  limits.positions = depth + 1;
  limits.step_tokens = 1;
  const ModelPlan plan = BuildPlan(model, limits);
  const TokenAt token{0, static_cast<std::int32_t>(depth), 0, true};
  TokenCost cost;
  cost.decode = CostOf(plan.ops, Step{{&token, 1}});
  for (const TensorId cache : plan.caches) {
    cost.kv_bytes += ByteSize(plan.tensors[static_cast<std::size_t>(cache)]);
  }
  cost.kv_bytes /= static_cast<std::uint64_t>(limits.positions);
  return cost;
}

struct FormatTotal {
  std::int64_t tensors = 0;
  std::uint64_t weights = 0, bytes = 0;
};

std::map<QuantId, FormatTotal> TotalsOf(const Model& model) {
  std::map<QuantId, FormatTotal> totals;
  for (const TensorDesc& tensor : model.tensors) {
    FormatTotal& total = totals[tensor.format];
    ++total.tensors;
    std::uint64_t weights = 1;
    for (const std::int64_t dim : tensor.dims) weights *= static_cast<std::uint64_t>(dim);
    total.weights += weights;
    total.bytes += ByteSize(tensor);
  }
  return totals;
}

nlohmann::ordered_json ShapeJson(const ModelShape& shape) {
  return {{"family", shape.family},
          {"layers", shape.layers},
          {"width", shape.width},
          {"heads", shape.heads},
          {"kv_heads", shape.kv_heads},
          {"head_dim", shape.head_dim},
          {"feed_forward", shape.feed_forward},
          {"vocab", shape.vocab},
          {"context", shape.context},
          {"norm_eps", shape.norm_eps},
          {"rope_base", shape.rope_base},
          {"rope_dim", shape.rope_dim},
          {"rope_scaling", shape.rope_scaling.factor},
          {"tied_head", shape.tied_head},
          {"qkv_bias", shape.qkv_bias},
          {"qk_norm", shape.qk_norm},
          {"experts", shape.experts},
          {"experts_used", shape.experts_used}};
}

constexpr std::int64_t kDepths[] = {0, 2048};

std::vector<std::pair<std::int64_t, TokenCost>> CostsOf(const Model& model) {
  std::vector<std::pair<std::int64_t, TokenCost>> costs;
  for (const std::int64_t depth : kDepths) {
    if (depth < model.shape.context) costs.emplace_back(depth, CostOfToken(model, depth));
  }
  return costs;
}

void PrintInspectionJson(const Model& model) {
  nlohmann::json formats = nlohmann::json::array(), decode = nlohmann::json::array();
  for (const auto& [id, total] : TotalsOf(model)) {
    formats.push_back({{"format", FormatOf(id).name},
                       {"tensors", total.tensors},
                       {"weights", total.weights},
                       {"bytes", total.bytes}});
  }
  nlohmann::json document = {{"name", model.name},
                             {"quant", model.quant},
                             {"bytes", model.bytes},
                             {"shape", ShapeJson(model.shape)},
                             {"formats", formats}};
  for (const auto& [depth, cost] : CostsOf(model)) {
    decode.push_back(
        {{"depth", depth}, {"bytes", cost.decode.bytes}, {"flops", cost.decode.flops}});
    document["kv_bytes_per_token"] = cost.kv_bytes;
  }
  document["decode"] = decode;
  PrintOut(document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void PrintInspection(const Model& model) {
  const auto in_bytes = [](auto bytes) {
    return fmt::format("{} ({:.0f} B)", HumanBytes(static_cast<double>(bytes)),
                       static_cast<double>(bytes));
  };
  Table summary{{{"model"}, {Printable(model.name)}}, {}};
  summary.rows.push_back({"quant", model.quant});
  summary.rows.push_back({"tensors", in_bytes(model.bytes)});
  const nlohmann::ordered_json shape = ShapeJson(model.shape);
  for (const auto& [key, value] : shape.items()) {
    summary.rows.push_back({key, value.is_string() ? value.get<std::string>() : value.dump()});
  }
  for (const auto& [depth, cost] : CostsOf(model)) {
    if (depth == 0) summary.rows.push_back({"KV cache per token, f16", in_bytes(cost.kv_bytes)});
    summary.rows.push_back(
        {fmt::format("read per decoded token, depth {}", depth), in_bytes(cost.decode.bytes)});
  }
  Table formats{{{"format"}, {"tensors", true}, {"weights", true}, {"bytes", true}, {"", true}},
                {}};
  for (const auto& [id, total] : TotalsOf(model)) {
    formats.rows.push_back({std::string(FormatOf(id).name), std::to_string(total.tensors),
                            std::to_string(total.weights), std::to_string(total.bytes),
                            HumanBytes(static_cast<double>(total.bytes))});
  }
  PrintOut(AlignedText(summary) + "\n" + AlignedText(formats));
}

// A command below `model`, with arguments of its own.
Action AddPart(CLI::App& app, const char* name, const char* help,
               std::span<const Option<Arguments>> options, int (*act)(const Arguments&)) {
  CLI::App* part = app.add_subcommand(name, help);
  part->group("Commands");
  const auto arguments = std::make_shared<Arguments>();
  AddOptions<Arguments>(*part, options, *arguments);
  return [part, arguments, act] { return part->parsed() ? act(*arguments) : -1; };
}

}  // namespace

Action AddModel(CLI::App& app) {
  app.require_subcommand(1);
  const std::vector<Action> parts = {
      AddPart(app, "make", "write a synthetic model that llama.cpp loads too", kMakeOptions, Make),
      AddPart(app, "inspect", "shape, formats, and what a decoded token costs", kInspectOptions,
              [](const Arguments& arguments) {
                const Model model = OpenModel(arguments.file);
                arguments.json ? PrintInspectionJson(model) : PrintInspection(model);
                return static_cast<int>(ExitCode::kOk);
              }),
      AddPart(app, "hash", "SHA-256 of the tensor data, as results carry it", kHashOptions,
              [](const Arguments& arguments) {
                PrintOut(HashModel(OpenModel(arguments.file)) + "  " + arguments.file + "\n");
                return static_cast<int>(ExitCode::kOk);
              })};
  return [parts] {
    for (const Action& part : parts) {
      if (const int code = part(); code >= 0) return code;
    }
    return static_cast<int>(ExitCode::kUsage);  // not reached: the parser wants one of them
  };
}

}  // namespace inferometer
