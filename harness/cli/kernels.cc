// `inferometer kernels`: the op-level suite.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/help.h"
#include "harness/cli/names.h"
#include "harness/cli/options.h"
#include "harness/cli/terminal.h"
#include "harness/kernels/kernel_suite.h"
#include "harness/runner/machine.h"
#include "harness/runner/selection.h"
#include "models/quant/mixture.h"
#include "probes/probe.h"

namespace inferometer {
namespace {

constexpr const char* kDefaultModel = "llama-3.2-1b";
constexpr std::int64_t kMostTokens = 1 << 16, kMostDepth = 1 << 20;
constexpr double kCeiling_s = 0.1;  // one roof, measured anew for every benchmark

struct Arguments {
  std::string model = kDefaultModel;
  std::vector<std::string> quants, devices, backends, kv;
  KernelPoints points;
  bool tokens_given = false, depths_given = false, list = false;
  int threads = 0;
};

void Append(std::vector<std::string>& list, std::vector<std::string> more) {
  list.insert(list.end(), std::make_move_iterator(more.begin()),
              std::make_move_iterator(more.end()));
}

// The first use of the option takes the place of the defaults.
void AppendNumbers(std::vector<std::int64_t>& list, bool& given, const Given& g, std::int64_t low,
                   std::int64_t high) {
  if (!std::exchange(given, true)) list.clear();
  for (const std::string& part : CommaList(g))
    list.push_back(WholeNumber({g.flag, part}, low, high));
}

constexpr Option<Arguments> kOptions[] = {
    {{"--model", "NAME|FILE", "whose shapes: a standard model or a GGUF file", kDefaultModel,
      "What to measure"},
     [](Arguments& a, const Given& g) { a.model = g.value; }},
    {{"--quant", "LIST", "formats of the weights, with commas between, or 'all'",
      "the suite's for the model", "What to measure", true},
     [](Arguments& a, const Given& g) { Append(a.quants, CommaList(g)); }},
    {{"--kv", "LIST", "formats of the KV cache", "f16", "What to measure", true},
     [](Arguments& a, const Given& g) { Append(a.kv, CommaList(g)); }},
    {{"--tokens", "LIST", "tokens in one step", "1,512", "What to measure", true},
     [](Arguments& a, const Given& g) {
       AppendNumbers(a.points.tokens, a.tokens_given, g, 1, kMostTokens);
     }},
    {{"--depth", "LIST", "positions before the step, for attention", "0,2048", "What to measure",
      true},
     [](Arguments& a, const Given& g) {
       AppendNumbers(a.points.depths, a.depths_given, g, 0, kMostDepth);
     }},
    {{"--backend", "LIST", "backends, with commas between", "all", "Where to run", true},
     [](Arguments& a, const Given& g) { Append(a.backends, CommaList(g)); }},
    {{"--device", "ID", "a device as 'list devices' names it; may be repeated",
      "all but software renderers", "Where to run", true},
     [](Arguments& a, const Given& g) { a.devices.push_back(g.value); }},
    {{"--threads", "N", "CPU threads that compute", "one per physical core", "Where to run"},
     [](Arguments& a, const Given& g) { a.threads = static_cast<int>(WholeNumber(g, 1, 4096)); }},
    {{"--list", "", "the names of what is selected, and nothing else", "", "How to measure"},
     [](Arguments& a, const Given&) { a.list = true; }},
};

// What the parser left over: Google Benchmark's flags, checked. Throws Error(kUsage) for anything
// else.
std::vector<std::string> BenchmarkFlags(const CLI::App& app) {
  std::vector<std::string> flags, others;
  for (const std::string& word : app.remaining()) {
    const bool ours = word.starts_with("--benchmark") || word.starts_with("--v=");
    (ours ? flags : others).push_back(word);
  }
  CheckBenchmarkFlags(flags);
  if (!others.empty()) throw Error(ExitCode::kUsage, UnknownArgument(app, others));
  return flags;
}

std::vector<Model> ModelsOf(const Arguments& arguments) {
  std::vector<std::string> quants = arguments.quants;
  if (std::find(quants.begin(), quants.end(), "all") != quants.end()) quants = QuantNames();
  if (quants.empty()) quants.emplace_back();  // the suite's, or the file's
  std::vector<Model> models;
  for (const std::string& quant : quants) models.push_back(OpenNamed(arguments.model, quant, 1));
  return models;
}

QuantId CacheFormat(const std::string& name) {
  const std::vector<std::string> known = {"f16", "f32", "bf16", "q8_0"};
  return FindFormat(KnownName({"--kv", name}, "cache format", known))->id;
}

OpenedDevices DevicesOf(const Arguments& arguments) {
  std::vector<std::string> backends;
  for (const Backend& backend : Backends()) backends.emplace_back(backend.name);
  for (const std::string& name : arguments.backends) {
    KnownName({"--backend", name}, "backend", backends);
  }
  OpenedDevices opened = OpenDevices(arguments.devices, arguments.threads);
  if (!arguments.devices.empty() && arguments.backends.empty()) return opened;
  std::erase_if(opened.chosen, [&](const Device* device) {
    const DeviceInfo& info = device->Info();
    const auto& wanted = arguments.backends;
    const bool named = std::find(wanted.begin(), wanted.end(), info.backend) != wanted.end();
    return wanted.empty() ? info.software : !named;
  });
  if (opened.chosen.empty()) {
    throw Error(
        ExitCode::kRunFailed,
        "there is no device to measure; 'inferometer list devices' shows all and why others "
        "are absent, software renderers run only when named");
  }
  return opened;
}

CeilingOptions CeilingOptionsOf(const Device& device, const nlohmann::json& described) {
  const bool on_cpu = device.Info().backend == "cpu";
  CeilingOptions options;
  options.last_level_bytes = on_cpu ? LastLevelCache(described) : 0;
  options.memory_bytes = on_cpu ? AvailableMemory(described).value_or(TotalMemory(described))
                                : device.Info().memory_bytes;
  options.each_s = kCeiling_s;
  options.now = NowSeconds;
  return options;
}

int Kernels(Arguments arguments, std::vector<std::string> flags) {
  if (!arguments.kv.empty()) arguments.points.kv.clear();
  for (const std::string& name : arguments.kv) arguments.points.kv.push_back(CacheFormat(name));
  if (arguments.list) flags.emplace_back("--benchmark_list_tests=true");
  const std::vector<Model> models = ModelsOf(arguments);
  const OpenedDevices opened = DevicesOf(arguments);
  KernelSuite suite;
  suite.devices = opened.chosen;
  suite.cases = KernelCases(models, arguments.points);
  std::shared_ptr<const nlohmann::json> described;  // read when the first benchmark needs it
  suite.ceiling_options = [&described](const Device& device) {
    if (!described) described = std::make_shared<const nlohmann::json>(DescribeDevice());
    return CeilingOptionsOf(device, *described);
  };
  suite.context.emplace_back("inferometer_model", models.front().name);
  for (const Device* device : suite.devices) {
    const DeviceInfo& info = device->Info();
    suite.context.emplace_back(
        info.id, fmt::format("{}, kernels {}, {} threads", info.name, info.kernels, info.threads));
  }
  const KernelOutcome outcome = RunKernelSuite(suite, flags);
  if (outcome.selected == 0) {
    throw Error(ExitCode::kUsage,
                "no benchmark is selected; 'inferometer kernels --list' shows their names");
  }
  if (outcome.failed > 0) {
    PrintErr(fmt::format("{} of {} benchmarks failed\n", outcome.failed, outcome.selected));
  }
  return static_cast<int>(outcome.failed > 0 ? ExitCode::kRowsFailed : ExitCode::kOk);
}

}  // namespace

Action AddKernels(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  AddOptions<Arguments>(app, kOptions, *arguments);
  app.allow_extras();
  return [arguments, &app] { return Kernels(*arguments, BenchmarkFlags(app)); };
}

}  // namespace inferometer
