// The leaderboard out of export rows: what ci/scale/leaderboard.sql says in SQL.
#include "results/submit/leaderboard.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "harness/stats/median.h"

namespace inferometer {
namespace {

using nlohmann::json;

std::string Text(const json& row, const char* key) {
  const auto found = row.find(key);
  return found != row.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// What is ranked together.
auto ContestOf(const Standing& s) {
  return std::tie(s.model, s.quant, s.point, s.metric, s.software);
}

std::string CsvText(const std::string& text) {
  if (text.find_first_of(",\"") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

void Leaderboard::Add(const json& row) {
  if (Text(row, "flag") == "error" || !row["median"].is_number()) return;
  Standing standing;
  standing.hardware = Text(row, "hardware");
  standing.device = Text(row, "device");
  standing.model = Text(row, "model");
  standing.quant = Text(row, "quant");
  standing.point = Text(row, "point");
  standing.metric = Text(row, "metric");
  standing.unit = Text(row, "unit");
  standing.better = Text(row, "better");
  standing.software = row["software"] == true;
  const std::string of =
      fmt::format("{}|{}|{}|{}|{}|{}|{}", standing.hardware, standing.device, standing.model,
                  standing.quant, standing.point, standing.metric, standing.software);
  Group& group = groups_[of];
  const std::string key = Text(row, "public_key");
  group.standing = std::move(standing);
  group.by_key[key].push_back(row["median"].get<double>());
  if (row["maintainer"] == true) maintainers_.insert(key);
}

std::vector<Standing> Leaderboard::Standings() const {
  std::vector<Standing> standings;
  for (const auto& [of, group] : groups_) {
    std::vector<double> values;
    std::vector<Claim> claims;
    Standing s = group.standing;
    for (const auto& [key, medians] : group.by_key) {
      values.push_back(Median(medians));
      claims.push_back({.public_key = key, .median = values.back()});
      s.results += medians.size();
    }
    s.keys = values.size();
    s.value = Median(values);
    s.tier = TierOf(s.value, claims, maintainers_);
    standings.push_back(std::move(s));
  }
  std::sort(standings.begin(), standings.end(), [](const Standing& a, const Standing& b) {
    if (ContestOf(a) != ContestOf(b)) return ContestOf(a) < ContestOf(b);
    if (a.value != b.value) return a.better == "lower" ? a.value < b.value : a.value > b.value;
    return std::tie(a.hardware, a.device) < std::tie(b.hardware, b.device);
  });
  std::size_t begin = 0;
  for (std::size_t i = 0; i < standings.size(); ++i) {
    const bool same_contest = i > 0 && ContestOf(standings[i]) == ContestOf(standings[i - 1]);
    if (!same_contest) begin = i;
    const bool tied = same_contest && standings[i].value == standings[i - 1].value;
    standings[i].rank = tied ? standings[i - 1].rank : i - begin + 1;
  }
  return standings;
}

std::vector<Standing> Standings(const std::vector<json>& rows) {
  Leaderboard leaderboard;
  for (const json& row : rows) leaderboard.Add(row);
  return leaderboard.Standings();
}

std::string StandingsCsv(const std::vector<Standing>& standings) {
  std::string text =
      "model,quant,point,metric,software,rank,hardware,device,value,unit,results,keys,tier\n";
  for (const Standing& s : standings) {
    text +=
        fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}\n", CsvText(s.model), CsvText(s.quant),
                    CsvText(s.point), s.metric, s.software, s.rank, CsvText(s.hardware),
                    CsvText(s.device), s.value, s.unit, s.results, s.keys, NameOf(s.tier));
  }
  return text;
}

std::string StandingsMarkdown(const std::vector<Standing>& standings) {
  std::string text =
      "| rank | hardware | device | model | point | metric | value | keys | tier |\n"
      "|---:|---|---|---|---|---|---:|---:|---|\n";
  for (const Standing& s : standings) {
    text += fmt::format("| {} | {}{} | {} | {} {} | {} | {} | {:.4g} {} | {} | {} |\n", s.rank,
                        s.hardware, s.software ? " (software)" : "", s.device, s.model, s.quant,
                        s.point, s.metric, s.value, s.unit, s.keys, NameOf(s.tier));
  }
  return text;
}

}  // namespace inferometer
