// Tables for a pull request or a forum.
#include <fmt/format.h>

#include "harness/report/escape.h"
#include "harness/report/formats.h"
#include "harness/report/limit.h"
#include "harness/report/quantity.h"
#include "harness/report/rows.h"
#include "results/metrics.h"
#include "results/result_file.h"
#include "results/score.h"

namespace inferometer {
namespace {

std::string Row(const Record& record) {
  const std::string label = Markdown(Label(record));
  if (record.status != Status::kOk) {
    return fmt::format("| {} | {} |  |  |  |  | {} |\n", label, NameOf(record.status),
                       Markdown(record.reason));
  }
  const Metric* metric = FindMetric(record.metric);
  const Scale scale = ScaleFor(record.median, metric ? metric->unit : "1");
  return fmt::format("| {} | **{}** {} | {} | {} | {} | {} | {} |\n", label,
                     Number(record.median, scale), scale.unit, IntervalText(record, scale),
                     record.samples.size(), Markdown(ShareOfRoof(record)),
                     !record.conformance        ? "not checked"
                     : record.conformance->pass ? "yes"
                                                : "**no**",
                     Markdown(Caveat(record)));
}

// A run of backticks that a hostile name brings along cannot end the block: it has none of three.
std::string CodeBlock(const std::string& text) {
  std::string safe = Plain(text);
  for (std::size_t at = safe.find("```"); at != std::string::npos; at = safe.find("```")) {
    safe.replace(at, 3, "'''");
  }
  return "```sh\n" + safe + "\n```\n";
}

}  // namespace

std::string RenderMarkdown(const Result& result, const Style&) {
  std::string out = "### " + Markdown(DeviceLine(result)) + "\n\n";
  out += Markdown(WhatLimits(result)) + "\n";
  const std::string incomplete = IncompleteLine(result);
  if (!incomplete.empty()) out += "\n**" + Markdown(incomplete) + "**\n";
  for (const Score& score : Scores(result.records)) {
    if (!score.value) continue;
    out += fmt::format("\nScore **{:.0f}** ({} tier on {})\n", *score.value, Markdown(score.tier),
                       Markdown(score.device));
  }
  for (const Group& group : GroupsOf(result)) {
    out += "\n**" + Markdown(group.heading) + "**\n\n";
    out += "| | median | 95 % interval | n | of the roof | correct | notes |\n";
    out += "|---|--:|--:|--:|---|---|---|\n";
    for (const Record* record : group.records) out += Row(*record);
  }
  const std::vector<Roof> roofs = RoofsOf(result);
  if (!roofs.empty()) {
    out += "\n| roof | middle | over the run | n | device |\n|---|--:|--:|--:|---|\n";
    for (const Roof& roof : roofs) {
      const Metric* metric = FindMetric(roof.metric);
      const Scale scale = ScaleFor(roof.middle, roof.unit);
      out += fmt::format(
          "| {} | {} {} | {} | {} | {} |\n",
          metric ? std::string(metric->label) : Markdown(roof.metric), Number(roof.middle, scale),
          scale.unit, roof.n > 1 ? Number(roof.low, scale) + " – " + Number(roof.high, scale) : "",
          roof.n, Markdown(roof.device));
    }
  }
  if (!result.warnings.empty()) out += "\nWarnings\n\n";
  for (const Warning& warning : result.warnings) {
    out += fmt::format("- {}: {}\n", Markdown(warning.message), Markdown(warning.remedy));
  }
  out += "\nRepeat it with\n\n" + CodeBlock(RepeatCommand(result));
  out += "\n<sub>" + Markdown(RunLine(result)) + "</sub>\n";
  return out;
}

}  // namespace inferometer
