// `inferometer eval`: token ids in, logits and the greedy continuation out.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/names.h"
#include "harness/cli/options.h"
#include "harness/cli/terminal.h"
#include "harness/runner/selection.h"
#include "harness/runner/session.h"
#include "models/quant/mixture.h"

namespace inferometer {
namespace {

constexpr std::int64_t kMostGreedy = 1 << 20;
constexpr std::int64_t kStepTokens = 128;  // prompts are run in steps of at most this many tokens

struct Arguments {
  std::string model, quant, device, json = "-";
  std::vector<std::int32_t> tokens;
  std::int64_t greedy = 0;
  std::uint64_t seed = 1;
  int threads = 0;
};

std::vector<std::int32_t> TokenIds(const Given& given) {
  std::vector<std::int32_t> ids;
  for (const std::string& part : CommaList(given)) {
    std::int32_t id = 0;
    const char* end = part.data() + part.size();
    const auto [stop, error] = std::from_chars(part.data(), end, id);
    if (error != std::errc() || stop != end || id < 0) {
      throw Error(ExitCode::kUsage,
                  fmt::format("{}: '{}' (number {}) is not a token id; give whole numbers from 0 "
                              "with commas between",
                              given.flag, part, ids.size() + 1));
    }
    ids.push_back(id);
  }
  return ids;
}

constexpr Option<Arguments> kOptions[] = {
    {{"--model", "NAME|FILE", "a standard model, synthesised, or a GGUF file", "", "Input", false,
      true},
     [](Arguments& a, const Given& g) { a.model = g.value; }},
    {{"--tokens", "IDS", "the prompt's token ids, with commas between", "", "Input", false, true},
     [](Arguments& a, const Given& g) { a.tokens = TokenIds(g); }},
    {{"--quant", "Q", "how the weights of a standard model are stored", "the suite's", "Input"},
     [](Arguments& a, const Given& g) { a.quant = KnownName(g, "quant", QuantNames()); }},
    {{"--seed", "N", "of synthetic weights", "1", "Input"},
     [](Arguments& a, const Given& g) { a.seed = SeedNumber(g); }},
    {{"--greedy", "N", "also continue greedily by N tokens", "0", "Output"},
     [](Arguments& a, const Given& g) { a.greedy = WholeNumber(g, 0, kMostGreedy); }},
    {{"--json", "FILE", "where the answer goes: logits at the prompt's last token, greedy ids", "-",
      "Output"},
     [](Arguments& a, const Given& g) { a.json = g.value; }},
    {{"--device", "ID", "a device as 'list devices' names it, or reference", "the first listed",
      "Where to run"},
     [](Arguments& a, const Given& g) { a.device = g.value; }},
    {{"--threads", "N", "CPU threads that compute", "one per physical core", "Where to run"},
     [](Arguments& a, const Given& g) { a.threads = static_cast<int>(WholeNumber(g, 1, 4096)); }},
};

void CheckTokens(const Arguments& arguments, const ModelShape& shape) {
  for (std::size_t i = 0; i < arguments.tokens.size(); ++i) {
    if (arguments.tokens[i] >= shape.vocab) {
      throw Error(ExitCode::kUsage,
                  fmt::format("--tokens: {} (number {}) is beyond the vocabulary of {}: ids end at "
                              "{}",
                              arguments.tokens[i], i + 1, arguments.model, shape.vocab - 1));
    }
  }
  const auto positions = static_cast<std::int64_t>(arguments.tokens.size()) + arguments.greedy;
  if (positions > shape.context) {
    throw Error(ExitCode::kUsage,
                fmt::format("--tokens: {} ids and --greedy {} make {} positions, but the context "
                            "of {} ends at {}",
                            arguments.tokens.size(), arguments.greedy, positions, arguments.model,
                            shape.context));
  }
}

void CheckMemory(const Model& model, const PlanLimits& limits, const DeviceInfo& device) {
  const std::uint64_t needed = model.bytes + WorkingBytes(BuildPlan(model, limits));
  if (device.memory_bytes > 0 && needed > device.memory_bytes) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("{} needs {} and {} has {}; take a smaller model or quant", model.name,
                            HumanBytes(static_cast<double>(needed)), device.id,
                            HumanBytes(static_cast<double>(device.memory_bytes))));
  }
}

int Evaluate(const Arguments& arguments) {
  if (arguments.json != "-") CheckWritable(arguments.json);
  const Model model = OpenNamed(arguments.model, arguments.quant, arguments.seed);
  CheckTokens(arguments, model.shape);
  std::vector<std::string> ids;
  if (!arguments.device.empty()) ids.push_back(arguments.device);
  const OpenedDevices opened = OpenDevices(ids, arguments.threads);
  Device& device = *opened.chosen.front();
  const auto prompt = static_cast<std::int64_t>(arguments.tokens.size());
  PlanLimits limits;
  limits.positions = prompt + arguments.greedy;
  limits.step_tokens = std::min(prompt, kStepTokens);
  CheckMemory(model, limits, device.Info());

  Session session(device, model, limits);
  session.Prefill(arguments.tokens, 0);
  const std::vector<float> logits = session.Logits();
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (!std::isfinite(logits[i])) {
      throw Error(ExitCode::kRunFailed,
                  fmt::format("logit {} is {} on {}; compare with --device reference, and try "
                              "'inferometer verify'",
                              i, logits[i], device.Info().id));
    }
  }
  std::vector<std::int32_t> greedy;
  while (static_cast<std::int64_t>(greedy.size()) < arguments.greedy) {
    if (!greedy.empty()) {
      const auto position = prompt + static_cast<std::int64_t>(greedy.size()) - 1;
      const TokenAt token{greedy.back(), static_cast<std::int32_t>(position), 0, true};
      session.Run({&token, 1});
    }
    greedy.push_back(session.Greedy());
  }

  const nlohmann::json document = {{"logits", logits}, {"greedy", greedy}};
  const std::string text = document.dump() + "\n";
  if (arguments.json == "-") {
    PrintOut(text);
  } else {
    AtomicFile file(arguments.json);
    file.Write(text);
    file.Commit();
  }
  return static_cast<int>(ExitCode::kOk);
}

}  // namespace

Action AddEval(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  AddOptions<Arguments>(app, kOptions, *arguments);
  return [arguments] { return Evaluate(*arguments); };
}

}  // namespace inferometer
