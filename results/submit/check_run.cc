// What the leaderboard demands of a run, and what it must say about its models.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "results/score.h"
#include "results/submit/checks.h"
#include "results/submit/known_models.h"

namespace inferometer {
namespace {

using nlohmann::json;

constexpr std::size_t kFewestSamples = 5;
constexpr std::uint64_t kSeed = 1;
// Warnings of a run that was not quiet.
constexpr std::string_view kNotQuiet[] = {"background_load", "throttled",  "hot_start",
                                          "swapping",        "on_battery", "steal_time"};

std::string RowPath(std::size_t i, std::string_view key) {
  return fmt::format("records[{}].{}", i, key);
}

// The rows that are ranked first.
bool IsRate(const Record& record) {
  return (record.workload == "decode" && record.metric == "decode_rate") ||
         (record.workload == "prefill" && record.metric == "prefill_rate");
}

bool IsTrue(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

void CheckConformance(const Record& record, std::size_t i, Findings& findings) {
  const std::string path = RowPath(i, "conformance");
  if (!record.conformance) {
    findings.push_back(MakeFinding("conformance", path, "the row was held against no reference"));
    return;
  }
  const Conformance& c = *record.conformance;
  const double limit = ConformanceLimit(record.model->name, record.model->quant);
  if (!c.pass || !(c.nmse <= c.limit)) {
    findings.push_back(MakeFinding(
        "conformance", path,
        fmt::format("NMSE {:.3g} is above {:.3g}, or it says it failed", c.nmse, c.limit)));
  } else if (c.limit > limit * (1 + 1e-9)) {
    findings.push_back(
        MakeFinding("conformance", path + ".limit",
                    fmt::format("is {:.3g}; this model's is {:.3g}", c.limit, limit)));
  } else if (c.greedy_match > c.greedy_total || c.greedy_total < 1) {
    findings.push_back(
        MakeFinding("conformance", path,
                    fmt::format("{} of {} greedy tokens", c.greedy_match, c.greedy_total)));
  }
}

void CheckModel(const ModelRef& model, std::size_t i, Findings& findings) {
  const std::string path = RowPath(i, "model");
  if (!IsKnownModelName(model.name)) {
    if (model.name != "gguf-" + model.sha256.substr(0, 12)) {
      findings.push_back(MakeFinding("model_mismatch", path + ".name",
                                     fmt::format("'{}' is not in the catalogue, and not the first "
                                                 "12 digits of its hash behind 'gguf-'",
                                                 model.name)));
    }
    findings.push_back(MakeFinding("model_unknown", path, model.name));
    return;
  }
  const KnownModel* known = FindKnownModel(model.name, model.quant);
  if (known == nullptr) {
    findings.push_back(
        MakeFinding("model_unknown", path, fmt::format("{} {}", model.name, model.quant)));
  } else if (known->sha256 != model.sha256) {
    findings.push_back(MakeFinding(
        "model_mismatch", path + ".sha256",
        fmt::format("{} {} with seed 1 has {}", model.name, model.quant, known->sha256)));
  } else if (known->bytes != model.bytes) {
    findings.push_back(
        MakeFinding("model_mismatch", path + ".bytes",
                    fmt::format("{} {} has {}", model.name, model.quant, known->bytes)));
  }
}

void CheckPrice(const Record& record, std::size_t i, Findings& findings) {
  if (!record.roofline) return;
  const std::optional<Price> price = PriceOf(record);
  if (!price) return;
  const auto differs = [](double a, double b) { return std::abs(a - b) > 1e-6 * b; };
  if (differs(record.roofline->bytes, price->bytes) ||
      differs(record.roofline->flops, price->flops())) {
    findings.push_back(MakeFinding(
        "price", RowPath(i, "roofline"),
        fmt::format("says {:.0f} bytes and {:.0f} operations, the model gives {:.0f} and {:.0f}",
                    record.roofline->bytes, record.roofline->flops, price->bytes, price->flops())));
  }
}

}  // namespace

std::optional<Price> PriceOf(const Record& record) {
  if (!record.model) return std::nullopt;
  const auto count = [&record](const char* key) -> std::int64_t {
    const auto found = record.params.find(key);
    return found != record.params.end() && found->is_number_unsigned() ? found->get<std::int64_t>()
                                                                       : -1;
  };
  const auto kv = record.params.find("kv");
  if (kv != record.params.end() && *kv != "f16") return std::nullopt;
  const std::string& name = record.model->name;
  const std::string& quant = record.model->quant;
  if (record.workload == "decode") {
    // The timed steps are those after the first token.
    return PriceOfTokens(name, quant, count("depth") + 1, count("tokens") - 1);
  }
  if (record.workload == "prefill") return PriceOfPrompt(name, quant, count("tokens"));
  return std::nullopt;
}

void CheckRun(const Result& result, Findings& findings) {
  const json& run = result.run;
  if (run.value("preset", "") != "leaderboard" || run.value("seed", std::uint64_t{0}) != kSeed) {
    findings.push_back(MakeFinding(
        "not_leaderboard", "run.preset",
        fmt::format("preset {}, seed {}: run `inferometer run --preset leaderboard`",
                    run.value("preset", json()).dump(), run.value("seed", json()).dump())));
  }
  if (!IsTrue(run, "complete")) {
    findings.push_back(MakeFinding("incomplete", "run.complete", "the run ended early"));
  }
  bool measured = false;
  for (std::size_t i = 0; i < result.records.size(); ++i) {
    const Record& record = result.records[i];
    if (record.status != Status::kOk || !IsRate(record)) continue;
    measured = true;
    if (record.samples.size() < kFewestSamples) {
      findings.push_back(
          MakeFinding("repetitions", RowPath(i, "n"),
                      fmt::format("is {}; at least {}", record.samples.size(), kFewestSamples)));
    }
  }
  if (!measured) {
    findings.push_back(MakeFinding("nothing_measured", "records", "no rate was measured"));
  }
  for (const Warning& warning : result.warnings) {
    if (warning.id == "debug_build") {
      findings.push_back(
          MakeFinding("not_leaderboard", "warnings", "a build without optimization"));
    }
    if (std::find(std::begin(kNotQuiet), std::end(kNotQuiet), warning.id) != std::end(kNotQuiet)) {
      findings.push_back(MakeFinding("not_quiet", "warnings", warning.id));
    }
    if (warning.id == "virtual_machine") {
      findings.push_back(MakeFinding("virtual", "warnings", warning.id));
    }
  }
  const auto gate = run.find("start_gate");
  if (gate != run.end() && gate->is_object() && gate->contains("settled") &&
      !IsTrue(*gate, "settled")) {
    findings.push_back(MakeFinding("not_quiet", "run.start_gate", "the machine did not settle"));
  }
  if (!result.tool.value("commit", json()).is_string() || IsTrue(result.tool, "dirty")) {
    findings.push_back(MakeFinding("unofficial_build", "tool", "not built from a clean commit"));
  }
}

void CheckModels(const Result& result, Findings& findings) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < result.records.size(); ++i) {
    const Record& record = result.records[i];
    if (!record.model) continue;
    const ModelRef& model = *record.model;
    const std::string identity =
        fmt::format("{} {} {} {}", model.name, model.quant, model.sha256, model.bytes);
    if (seen.insert(identity).second) CheckModel(model, i, findings);
    if (record.status != Status::kOk) continue;
    CheckConformance(record, i, findings);
    CheckPrice(record, i, findings);
  }
}

void CheckScores(const json& document, const Result& result, Findings& findings) {
  const auto stored = document.find("scores");
  if (stored == document.end()) return;
  const std::vector<Score> scores = Scores(result.records);
  bool same = stored->size() == scores.size();
  for (std::size_t i = 0; same && i < scores.size(); ++i) {
    const json& score = (*stored)[i];
    same = score["device"] == scores[i].device && score["model"] == scores[i].model &&
           score["quant"] == scores[i].quant &&
           score["value"].is_number() == scores[i].value.has_value();
    if (same && scores[i].value) {
      same = std::abs(score["value"].get<double>() - *scores[i].value) <= 1e-9 * *scores[i].value;
    }
  }
  if (!same) {
    findings.push_back(MakeFinding("aggregate", "scores", "are not those of the records"));
  }
}

}  // namespace inferometer
