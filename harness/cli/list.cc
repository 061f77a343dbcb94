// `inferometer list`: what can be named on the command line, and what can be measured here.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/device.h"
#include "harness/base/child_process.h"
#include "harness/base/error.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/table.h"
#include "harness/cli/terminal.h"
#include "harness/runner/devices.h"
#include "harness/runner/suite.h"
#include "harness/workloads/workload.h"
#include "models/catalog/catalog.h"
#include "models/quant/formats.h"
#include "models/quant/mixture.h"
#include "results/metrics.h"
#include "results/metrics_markdown.h"

namespace inferometer {
namespace {

using nlohmann::json;

// A list both ways: columns for people, an array of objects for programs.
struct Listing {
  Table table;
  json array = json::array();
};

Listing Models() {
  Listing list{{{{"model"},
                 {"params", true},
                 {"family"},
                 {"layers", true},
                 {"width", true},
                 {"heads", true},
                 {"vocab", true},
                 {"ctx", true},
                 {"experts", true}},
                {}}};
  for (const ModelCard& card : ModelCards()) {
    const ModelShape& s = card.shape;
    list.table.rows.push_back(
        {s.name, fmt::format("{:.3g} B", static_cast<double>(card.parameters) / 1e9), s.family,
         std::to_string(s.layers), std::to_string(s.width),
         fmt::format("{}/{}", s.heads, s.kv_heads), std::to_string(s.vocab),
         std::to_string(s.context),
         s.experts > 0 ? fmt::format("{}/{}", s.experts_used, s.experts) : "-"});
    list.array.push_back({{"name", s.name},
                          {"parameters", card.parameters},
                          {"source", card.source},
                          {"family", s.family},
                          {"layers", s.layers},
                          {"width", s.width},
                          {"heads", s.heads},
                          {"kv_heads", s.kv_heads},
                          {"head_dim", s.head_dim},
                          {"feed_forward", s.feed_forward},
                          {"vocab", s.vocab},
                          {"context", s.context},
                          {"experts", s.experts},
                          {"experts_used", s.experts_used}});
  }
  return list;
}

Listing Quants() {
  Listing list{{{{"quant"},
                 {"bits/weight", true},
                 {"block", true},
                 {"block bytes", true},
                 {"matmul NMSE limit", true},
                 {"model NMSE limit", true}},
                {}}};
  for (const std::string& name : QuantNames()) {
    const Format* format = FindFormat(name);
    if (format == nullptr) {  // a mixture of formats
      list.table.rows.push_back({name, "mixture", "-", "-", "-", "-"});
      list.array.push_back({{"name", name}, {"mixture", true}});
      continue;
    }
    const double bits = 8.0 * format->block_bytes / format->block_weights;
    list.table.rows.push_back(
        {name, fmt::format("{:.4g}", bits), std::to_string(format->block_weights),
         std::to_string(format->block_bytes), fmt::format("{:.1e}", format->matmul_nmse),
         fmt::format("{:.1e}", format->model_nmse)});
    list.array.push_back({{"name", name},
                          {"mixture", false},
                          {"bits_per_weight", bits},
                          {"block_weights", format->block_weights},
                          {"block_bytes", format->block_bytes},
                          {"matmul_nmse_limit", format->matmul_nmse},
                          {"model_nmse_limit", format->model_nmse}});
  }
  return list;
}

// "tokens 128; tokens 512": the points that a preset runs, or "-".
std::string PointsOf(const Workload& workload, std::string_view preset) {
  std::string points;
  for (const Case& c : workload.cases(preset)) {
    std::string point;
    for (const auto& [key, value] : c.params.items()) {
      point += fmt::format("{}{} {}", point.empty() ? "" : ", ", key,
                           value.is_string() ? value.get<std::string>() : value.dump());
    }
    points += (points.empty() ? "" : "; ") + (point.empty() ? std::string("yes") : point);
  }
  return points.empty() ? "-" : points;
}

Listing WorkloadList() {
  Listing list{{{{"workload"}, {"measures"}}, {}}};
  for (const Workload& w : Workloads()) {
    list.table.rows.push_back({std::string(w.name), std::string(w.help)});
    list.array.push_back({{"name", w.name}, {"help", w.help}});
  }
  return list;
}

Listing MetricList() {
  Listing list{{{{"metric"}, {"unit"}, {"better"}, {"definition"}, {"is"}}, {}}};
  for (const Metric& m : Metrics()) {
    const std::string better = m.better == Better::kHigher ? "higher" : "lower";
    list.table.rows.push_back({std::string(m.name), std::string(m.unit), better,
                               std::string(m.definition), std::string(m.help)});
    list.array.push_back({{"name", m.name},
                          {"definition", m.definition},
                          {"unit", m.unit},
                          {"better", better},
                          {"label", m.label},
                          {"ci_target", m.ci_target},
                          {"ci_least", m.ci_least},
                          {"help", m.help}});
  }
  return list;
}

Listing DeviceList() {
  Listing list{{{{"device"},
                 {"name"},
                 {"kernels"},
                 {"threads", true},
                 {"memory", true},
                 {"software"},
                 {"driver"},
                 {"without"}},
                {}}};
  const std::vector<MissingBackend> unsafe = AskForUnsafeBackends(ThisProgram());
  for (const Backend& backend : Backends()) {
    const auto [devices, why] = OpenBackend(backend, {}, unsafe);
    if (devices.empty()) {
      list.table.rows.push_back(
          {fmt::format("{}:-", backend.name), "none: " + Printable(why), "", "", "", "", "", ""});
      list.array.push_back({{"backend", backend.name}, {"id", nullptr}, {"reason", why}});
    }
    for (const auto& device : devices) {
      const DeviceInfo& d = device->Info();
      list.table.rows.push_back({d.id, Printable(d.name), d.kernels,
                                 d.threads > 0 ? std::to_string(d.threads) : "-",
                                 HumanBytes(static_cast<double>(d.memory_bytes)),
                                 d.software ? "yes" : "no", Printable(d.driver), d.without});
      list.array.push_back({{"backend", d.backend},
                            {"id", d.id},
                            {"name", d.name},
                            {"kernels", d.kernels},
                            {"without", d.without},
                            {"driver", d.driver},
                            {"software", d.software},
                            {"threads", d.threads},
                            {"memory_bytes", d.memory_bytes}});
    }
  }
  return list;
}

Listing PresetList() {
  Listing list{{{{"preset"}, {"budget", true}, {"largest tier"}, {"workload"}, {"points"}}, {}}};
  for (const Preset& preset : Presets()) {
    json workloads = json::array();
    for (const Workload& w : Workloads()) {
      json points = json::array();
      for (const Case& c : w.cases(preset.name)) points.push_back(c.params);
      if (points.empty()) continue;
      const bool first = workloads.empty();
      list.table.rows.push_back({first ? std::string(preset.name) : "",
                                 first ? fmt::format("{:.0f} s", preset.budget_s) : "",
                                 first ? std::string(preset.tier) : "", std::string(w.name),
                                 PointsOf(w, preset.name)});
      workloads.push_back({{"workload", w.name}, {"points", points}});
    }
    list.array.push_back({{"name", preset.name},
                          {"help", preset.help},
                          {"budget_s", preset.budget_s},
                          {"tier", preset.tier},
                          {"workloads", workloads}});
  }
  return list;
}

struct Kind {
  const char* name;
  Listing (*list)();
};
constexpr Kind kKinds[] = {{"models", Models},          {"quants", Quants},
                           {"workloads", WorkloadList}, {"metrics", MetricList},
                           {"devices", DeviceList},     {"presets", PresetList}};

struct Arguments {
  std::string subject;
  bool json = false, markdown = false;
};

std::vector<std::string> SubjectNames() {
  std::vector<std::string> names;
  for (const Kind& subject : kKinds) names.emplace_back(subject.name);
  return names;
}

constexpr Option<Arguments> kOptions[] = {
    {{"WHAT", "WHAT", "models, quants, workloads, metrics, devices or presets", "", "Arguments",
      false, true},
     [](Arguments& a, const Given& g) { a.subject = KnownName(g, "list", SubjectNames()); }},
    {{"--json", "", "as a JSON array", "", "Options"},
     [](Arguments& a, const Given&) { a.json = true; }},
    {{"--markdown", "", "as a Markdown table", "", "Options"},
     [](Arguments& a, const Given&) { a.markdown = true; }},
};

int List(const Arguments& arguments) {
  if (arguments.json && arguments.markdown) {
    throw Error(ExitCode::kUsage, "--json and --markdown exclude each other; give one of them");
  }
  const Kind& subject = *std::find_if(std::begin(kKinds), std::end(kKinds),
                                      [&](const Kind& s) { return arguments.subject == s.name; });
  if (arguments.markdown && arguments.subject == "metrics") {
    PrintOut(MetricsMarkdown());
    return static_cast<int>(ExitCode::kOk);
  }
  const Listing listing = subject.list();
  if (arguments.json) {
    PrintOut(listing.array.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
  } else {
    PrintOut(arguments.markdown ? MarkdownText(listing.table) : AlignedText(listing.table));
  }
  return static_cast<int>(ExitCode::kOk);
}

}  // namespace

Action AddList(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  AddOptions<Arguments>(app, kOptions, *arguments);
  return [arguments] { return List(*arguments); };
}

}  // namespace inferometer
