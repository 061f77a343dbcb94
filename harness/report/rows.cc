// What every report says about a result in words: labels, groups, the device, the roofs.
#include "harness/report/rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "harness/base/text.h"
#include "harness/report/curves.h"
#include "harness/report/quantity.h"
#include "results/metrics.h"
#include "results/schema_id.h"

namespace inferometer {
namespace {

struct Main {
  std::string_view workload, metric;
};
// The metric that a workload is run for; its label is the workload's name alone.
constexpr Main kMains[] = {{"decode", "decode_rate"},      {"kv_sweep", "decode_rate"},
                           {"kv_quant", "decode_rate"},    {"batch", "batch_rate"},
                           {"prefill", "prefill_rate"},    {"load", "load_time"},
                           {"sustained", "sustained_rate"}};

// Params that say how a case is made and are the same in all of its kind.
constexpr std::string_view kConstant[] = {"turn_1",     "turn_2",  "system",    "utterance",
                                          "answer",     "kept",    "dropped",   "window",
                                          "page_cache", "clipped", "positions", "working_set"};

bool IsMain(const Record& record) {
  return std::any_of(std::begin(kMains), std::end(kMains), [&](const Main& main) {
    return main.workload == record.workload && main.metric == record.metric;
  });
}

std::string TextOf(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return fmt::format("{}", value.get<std::int64_t>());
  if (value.is_number()) return fmt::format("{:g}", value.get<double>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  return "";
}

// "@2048" out of {"depth": 2048, "tokens": 128, "kv": "f16"}.
std::string PointOf(const Record& record) {
  std::string point;
  // How many tokens are decoded is no point of its own.
  const bool many = record.params.contains("depth") || record.params.contains("depths") ||
                    record.params.contains("sequences");
  for (const auto& [key, value] : record.params.items()) {
    if (key.ends_with("_sha256")) continue;  // facts of the repetitions, no part of the case
    if (std::find(std::begin(kConstant), std::end(kConstant), key) != std::end(kConstant)) continue;
    if (key == "depth" && record.params.contains("kept")) continue;
    const std::string text = TextOf(value);
    const bool usual = key == "kv" && text == "f16" && record.workload != "kv_quant";
    if (text.empty() || usual || (key == "tokens" && many)) continue;
    const bool plain = key == "tokens" || key == "kv" || key == "cache" || key == "store";
    const char* before = key == "depth" ? "@" : key == "sequences" ? "x" : "";
    if (key == "minutes") {
      if (IsMain(record)) point += fmt::format(" {} min", text);
      continue;
    }
    point +=
        plain || *before ? fmt::format(" {}{}", before, text) : fmt::format(" {} {}", key, text);
  }
  return point;
}

// The metric without what the workload's name or the unit says already: "speedup" out of
// kv_reuse_speedup, "first_clause" out of first_clause_time.
std::string ShortMetric(const Record& record) {
  std::string metric = record.metric;
  if (metric.starts_with(record.workload + "_")) {
    metric = metric.substr(record.workload.size() + 1);
  } else if (metric.starts_with("kv_") && record.workload.starts_with("kv_")) {
    metric = metric.substr(3);
  }
  for (const std::string_view unit : {"_rate", "_time", "_per_token", "_onset"}) {
    if (metric.ends_with(unit)) metric.resize(metric.size() - unit.size());
  }
  return metric;
}

std::string ShellQuoted(const std::string& word) {
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.:,/+=@%").find(c) != std::string_view::npos;
  });
  if (plain) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

void AddNew(std::vector<std::string>& list, const std::string& word) {
  if (!word.empty() && std::find(list.begin(), list.end(), word) == list.end())
    list.push_back(word);
}

// What params say about how a ceiling was reached.
std::string HowOf(const nlohmann::json& params) {
  std::vector<std::string> parts;
  const std::string streams = TextAt(params, {"streams"}), stores = TextAt(params, {"stores"});
  if (!streams.empty()) {
    parts.push_back(streams + (streams == "1" ? " stream" : " streams") + " a thread");
  }
  const auto page = params.find("page_bytes");
  if (page != params.end() && page->is_number()) {
    parts.push_back(SetName(page->get<double>()) + " pages");
  }
  if (!stores.empty()) parts.push_back("stores: " + stores);
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

std::string TextAt(const nlohmann::json& json, std::initializer_list<const char*> path) {
  const nlohmann::json* at = &json;
  for (const char* key : path) {
    if (!at->is_object()) return "";
    const auto found = at->find(key);
    if (found == at->end()) return "";
    at = &*found;
  }
  return TextOf(*at);
}

std::string Label(const Record& record) {
  std::string label = record.workload + PointOf(record);
  if (!IsMain(record)) {
    std::string metric = ShortMetric(record);
    std::replace(metric.begin(), metric.end(), '_', ' ');
    label += " " + metric;
  }
  return label;
}

std::string ShareOfRoof(const Record& record) {
  if (!record.roofline) return "";
  const Roofline& roofline = *record.roofline;
  const std::string roof = roofline.bound == "memory" ? "memory"
                           : roofline.roof.ends_with("_peak")
                               ? roofline.roof.substr(0, roofline.roof.size() - 5)
                               : roofline.bound;
  return Percent(roofline.fraction) + " " + roof;
}

std::string Caveat(const Record& record) {
  if (record.status != Status::kOk) return "";
  std::vector<std::string> parts;
  if (record.shape == "slowdown") parts.emplace_back("slowed down while it was measured");
  if (record.shape == "warmup") parts.emplace_back("was still getting faster");
  if (record.ci95 && !record.converged) {
    parts.emplace_back("the interval is wider than its target");
  }
  if (!record.outliers.empty()) {
    parts.push_back(fmt::format("{} outlier{} kept", record.outliers.size(),
                                record.outliers.size() == 1 ? "" : "s"));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::vector<Group> GroupsOf(const Result& result) {
  std::vector<Group> groups;
  for (const Record& record : result.records) {
    std::string heading = record.model ? fmt::format("{} {} on {}", record.model->name,
                                                     record.model->quant, record.device)
                                       : record.device;
    if (record.threads > 0) {
      heading += fmt::format(", {} thread{}", record.threads, record.threads == 1 ? "" : "s");
    }
    if (record.software) heading += ", software renderer";
    const auto found = std::find_if(groups.begin(), groups.end(),
                                    [&](const Group& group) { return group.heading == heading; });
    Group& group = found == groups.end() ? groups.emplace_back(Group{heading, {}}) : *found;
    group.records.push_back(&record);
  }
  return groups;
}

std::vector<Roof> RoofsOf(const Result& result) {
  std::vector<Roof> roofs;
  std::vector<std::vector<double>> values;
  for (const Ceiling& ceiling : result.ceilings) {
    if (IsOfCurve(ceiling.metric)) continue;
    const auto found = std::find_if(roofs.begin(), roofs.end(), [&](const Roof& roof) {
      return roof.metric == ceiling.metric && roof.device == ceiling.device &&
             roof.threads == ceiling.threads;
    });
    const auto at = static_cast<std::size_t>(found - roofs.begin());
    if (found == roofs.end()) {
      const Metric* metric = FindMetric(ceiling.metric);
      roofs.push_back({.metric = ceiling.metric,
                       .device = ceiling.device,
                       .unit = metric ? std::string(metric->unit) : "",
                       .threads = ceiling.threads});
      values.emplace_back();
    }
    values[at].push_back(ceiling.value);
    roofs[at].how = HowOf(ceiling.params);
  }
  for (std::size_t i = 0; i < roofs.size(); ++i) {
    std::vector<double>& v = values[i];
    std::sort(v.begin(), v.end());
    roofs[i].low = v.front();
    roofs[i].high = v.back();
    roofs[i].middle = (v[(v.size() - 1) / 2] + v[v.size() / 2]) / 2;
    roofs[i].n = v.size();
  }
  return roofs;
}

std::string IntervalText(const Record& record, const Scale& scale) {
  if (record.ci95) {
    return Number(record.ci95->first, scale) + " – " + Number(record.ci95->second, scale);
  }
  return record.samples.size() < 6 ? "n < 6" : "–";
}

std::string DeviceLine(const Result& result) {
  std::vector<std::string> parts;
  AddNew(parts, TextAt(result.device, {"cpu", "name"}));
  const std::string cores = TextAt(result.device, {"cpu", "cores"});
  if (!cores.empty()) parts.push_back(cores + (cores == "1" ? " core" : " cores"));
  const auto memory = result.device.find("memory");
  if (memory != result.device.end() && memory->is_object()) {
    const auto total = memory->find("total_bytes");
    if (total != memory->end() && total->is_number()) {
      parts.push_back(HumanBytes(total->get<double>()));
    }
  }
  AddNew(parts, TextAt(result.device, {"os", "name"}));
  AddNew(parts, TextAt(result.device, {"class"}));
  return parts.empty() ? "unknown device" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string RunLine(const Result& result) {
  const std::string engine = TextAt(result.tool, {"engine"});
  std::string line =
      (engine.empty() ? "Inferometer" : engine) + " " + TextAt(result.tool, {"version"});
  const std::string commit = TextAt(result.tool, {"commit"});
  if (!commit.empty()) {
    line += fmt::format(" ({}{})", commit.substr(0, 7),
                        TextAt(result.tool, {"dirty"}) == "yes" ? ", modified" : "");
  }
  if (engine.empty()) {
    line += fmt::format(", suite {}, preset {}, seed {}", kSuite, TextAt(result.run, {"preset"}),
                        TextAt(result.run, {"seed"}));
  }
  const std::string source = TextAt(result.run, {"source", "format"});
  if (!source.empty()) line += ", imported from " + source;
  const std::string started = TextAt(result.run, {"started_at"});
  if (!started.empty()) line += ", " + started;
  const auto duration = result.run.find("duration_s");
  if (duration != result.run.end() && duration->is_number()) {
    line += fmt::format(", {:.0f} s", duration->get<double>());
  }
  return line;
}

std::string IncompleteLine(const Result& result) {
  if (TextAt(result.run, {"complete"}) != "no") return "";
  const std::string why = TextAt(result.run, {"incomplete"});
  return "Incomplete: the run ended before its last case" + (why.empty() ? "." : " (" + why + ").");
}

std::string RepeatCommand(const Result& result) {
  if (const std::string engine = TextAt(result.tool, {"engine"}); !engine.empty()) {
    return "# imported: the file does not hold the command line of " + engine;
  }
  std::vector<std::string> devices, models, quants;
  int threads = 0;
  for (const Record& record : result.records) {
    AddNew(devices, record.device);
    if (record.model) {
      AddNew(models, record.model->name);
      AddNew(quants, record.model->quant);
    }
    threads = std::max(threads, record.threads);
  }
  const std::string preset = TextAt(result.run, {"preset"});
  if (preset.starts_with("ceilings")) {
    return std::string("inferometer ceilings") + (preset == "ceilings-full" ? " --full" : "");
  }
  std::string command = "inferometer run";
  const auto option = [&](const char* flag, const std::string& value) {
    if (!value.empty()) command += fmt::format(" {} {}", flag, ShellQuoted(value));
  };
  option("--preset", preset);
  for (const std::string& model : models) option("--model", model);
  if (quants.size() == 1) option("--quant", quants[0]);
  for (const std::string& device : devices) option("--device", device);
  if (threads > 0) option("--threads", std::to_string(threads));
  option("--seed", TextAt(result.run, {"seed"}));
  return command;
}

}  // namespace inferometer
