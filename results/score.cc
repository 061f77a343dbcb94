// The score of a device on a tier of the suite (definition score_v1).
#include "results/score.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/base/embedded.h"

namespace inferometer {
namespace {

std::vector<ReferenceTier> ReadTiers() {
  std::vector<ReferenceTier> tiers;
  for (const EmbeddedFile& file : SchemaFiles()) {
    if (file.name != "reference.json") continue;
    const nlohmann::json reference = nlohmann::json::parse(file.text);
    for (const nlohmann::json& item : reference.at("tiers")) {
      ReferenceTier tier;
      tier.name = item.at("tier").get<std::string>();
      tier.model = item.at("model").get<std::string>();
      tier.quant = item.at("quant").get<std::string>();
      const nlohmann::json& rates = item.at("reference_tok_per_s");
      if (!rates.is_null()) {
        tier.frozen = true;
        tier.prefill_512 = rates.at("prefill_512").get<double>();
        tier.decode_0 = rates.at("decode_0").get<double>();
        tier.decode_2048 = rates.at("decode_2048").get<double>();
      }
      tiers.push_back(tier);
    }
  }
  return tiers;
}

bool Has(const Record& record, const char* key, std::int64_t value) {
  const auto found = record.params.find(key);
  return found != record.params.end() && found->is_number_integer() &&
         found->get<std::int64_t>() == value;
}

// The rows that the score is made of are the plain ones: an f16 cache or one not named.
bool IsPlain(const Record& record) {
  const auto kv = record.params.find("kv");
  return kv == record.params.end() || *kv == "f16";
}

struct Part {
  const char* workload;
  const char* metric;
  const char* key;
  std::int64_t value;
};
constexpr Part kParts[] = {{"prefill", "prefill_rate", "tokens", 512},
                           {"decode", "decode_rate", "depth", 0},
                           {"decode", "decode_rate", "depth", 2048}};

bool IsSubject(const Record& record, const Score& score) {
  return record.model && record.device == score.device && record.model->name == score.model &&
         record.model->quant == score.quant;
}

void Fill(Score& score, std::span<const Record> records) {
  const std::span<const ReferenceTier> tiers = ReferenceTiers();
  const auto tier = std::find_if(tiers.begin(), tiers.end(), [&](const ReferenceTier& t) {
    return t.model == score.model && t.quant == score.quant;
  });
  if (tier == tiers.end()) {
    score.reason = fmt::format("{} {} is no tier of the suite", score.model, score.quant);
    return;
  }
  score.tier = tier->name;
  if (!tier->frozen) {
    score.reason = fmt::format("no reference rates are frozen for the {} tier yet", tier->name);
    return;
  }
  double rates[std::size(kParts)];
  for (std::size_t i = 0; i < std::size(kParts); ++i) {
    const Part& part = kParts[i];
    const auto row = std::find_if(records.begin(), records.end(), [&](const Record& record) {
      return IsSubject(record, score) && record.workload == part.workload &&
             record.metric == part.metric && Has(record, part.key, part.value) && IsPlain(record);
    });
    if (row == records.end() || row->status != Status::kOk || !(row->median > 0) ||
        !std::isfinite(row->median)) {
      score.reason = fmt::format("{} at {} {} {}", part.workload, part.key, part.value,
                                 row == records.end() ? "was not measured" : "is not ok");
      return;
    }
    rates[i] = row->median;
  }
  score.value = ScoreV1(*tier, rates[0], rates[1], rates[2]);
}

}  // namespace

std::span<const ReferenceTier> ReferenceTiers() {
  static const std::vector<ReferenceTier> tiers = ReadTiers();
  return tiers;
}

double ScoreV1(const ReferenceTier& tier, double prefill_512, double decode_0, double decode_2048) {
  return 1000 * std::cbrt((prefill_512 / tier.prefill_512) * (decode_0 / tier.decode_0) *
                          (decode_2048 / tier.decode_2048));
}

std::vector<Score> Scores(std::span<const Record> records) {
  std::vector<Score> scores;
  for (const Record& record : records) {
    if (!record.model) continue;
    const bool known = std::any_of(scores.begin(), scores.end(),
                                   [&](const Score& score) { return IsSubject(record, score); });
    if (known) continue;
    scores.push_back({.device = record.device,
                      .model = record.model->name,
                      .quant = record.model->quant,
                      .tier = {},
                      .value = {},
                      .reason = {}});
    Fill(scores.back(), records);
  }
  return scores;
}

}  // namespace inferometer
