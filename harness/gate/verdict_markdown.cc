// A verdict as Markdown, cut to what GitHub takes.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "harness/gate/verdict_formats.h"
#include "harness/report/escape.h"

namespace inferometer {
namespace {

constexpr char kHead[] =
    "| workload | metric | base | head | change (95 % interval) | verdict | pairs |\n"
    "|---|---|--:|--:|--:|---|--:|\n";

bool Folded(const Finding& finding) {
  return finding.verdict == Verdict::kPass || finding.verdict == Verdict::kNew;
}

std::string_view Mark(Verdict verdict) {
  switch (verdict) {
    case Verdict::kRegression:
    case Verdict::kMissing:
    case Verdict::kIncomparable:
      return "❌ ";
    case Verdict::kInconclusive:
      return "⚠️ ";
    case Verdict::kImprovement:
      return "🚀 ";
    case Verdict::kNew:
    case Verdict::kPass:
      return "";
  }
  return "";
}

std::string Row(const Finding& finding) {
  std::string verdict = fmt::format("{}{}", Mark(finding.verdict), NameOf(finding.verdict));
  if (!finding.reason.empty()) verdict += ": " + Markdown(finding.reason);
  return fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", Markdown(finding.label),
                     Markdown(finding.metric), Markdown(ValueText(finding, false)),
                     Markdown(ValueText(finding, true)), Markdown(ChangeText(finding)), verdict,
                     finding.exact ? "exact" : std::to_string(finding.pairs));
}

std::string Title(const Findings& findings, const Policy& policy) {
  const ExitCode code = ExitCodeOf(findings, policy);
  const bool doubt = Count(findings, Verdict::kInconclusive) > 0;
  return fmt::format("### {} Performance: {}\n\n",
                     code != ExitCode::kOk ? "❌"
                     : doubt               ? "⚠️"
                                           : "✅",
                     Markdown(Summary(findings)));
}

std::string Commit(const nlohmann::json& arm) {
  std::string text = arm.value("engine", "?");
  const auto commit = arm.find("commit");
  if (commit != arm.end() && commit->is_string()) {
    text += " " + commit->get<std::string>().substr(0, 12);
  }
  return Markdown(text);
}

// What stands below the tables.
std::string Foot(const Findings& findings) {
  std::string text;
  const auto list = [&](std::string_view heading, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    text += fmt::format("\n{}\n\n", heading);
    for (std::size_t i = 0; i < std::min<std::size_t>(lines.size(), 20); ++i) {
      text += "- " + Markdown(lines[i].substr(0, 400)) + "\n";
    }
    if (lines.size() > 20) text += fmt::format("- and {} more\n", lines.size() - 20);
  };
  list("The arms were not measured alike:", findings.differences);
  list("Notes:", findings.notes);
  text += fmt::format(
      "\n<sub>{}: base {}, head {}, {} pairs, {:.0f} s.",
      findings.paired ? "Interleaved fresh processes" : "**Unpaired**: two stored results",
      Commit(findings.base), Commit(findings.head), findings.pairs, findings.duration_s);
  for (const Control& control : findings.controls) {
    text += fmt::format(" Control {} {:+.1f} %.", Markdown(control.name),
                        100 * std::expm1(control.effect.worse));
  }
  return text + "</sub>\n\n" + SensitivityText(findings) + "\n";
}

std::string Render(const Findings& findings, const Policy& policy, std::size_t most) {
  const std::string foot = Foot(findings);
  std::string text = Title(findings, policy);
  constexpr std::size_t kSpare = 400;  // closing marks and the line about what was left out
  std::size_t left_out = 0;
  const auto table = [&](bool folded, const std::string& before, const std::string& after) {
    std::vector<const Finding*> rows;
    for (const Finding& finding : findings.rows) {
      if (Folded(finding) == folded) rows.push_back(&finding);
    }
    if (rows.empty()) return;
    text += before + kHead;
    for (const Finding* row : rows) {
      const std::string line = Row(*row);
      if (text.size() + line.size() + after.size() + foot.size() + kSpare > most) {
        ++left_out;
      } else {
        text += line;
      }
    }
    text += after;
  };
  table(false, "", "\n");
  const std::size_t folded =
      static_cast<std::size_t>(std::count_if(findings.rows.begin(), findings.rows.end(), Folded));
  table(true,
        fmt::format("<details><summary>{} more rows, none of them worse</summary>\n\n", folded),
        "\n</details>\n");
  if (left_out > 0) {
    text +=
        fmt::format("\n{} rows are left out here for their length; the JSON has all.\n", left_out);
  }
  return text + foot;
}

}  // namespace

std::string VerdictMarkdown(const Findings& findings, const Policy& policy) {
  return Render(findings, policy, kMostMarkdownBytes);
}

std::string VerdictComment(const Findings& findings, const Policy& policy) {
  return Render(findings, policy, kMostCommentBytes);
}

}  // namespace inferometer
