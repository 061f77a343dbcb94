// A verdict for a terminal.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/gate/verdict_formats.h"
#include "harness/report/escape.h"

namespace inferometer {
namespace {

constexpr std::size_t kWidth = 80;

std::string Row(const Finding& finding) {
  std::string text =
      fmt::format("{} {} {} {}  {}\n", PadRight(NameOf(finding.verdict), 12),
                  PadRight(Plain(finding.label), 22), PadLeft(Plain(ValueText(finding, false)), 13),
                  PadLeft(Plain(ValueText(finding, true)), 13), Plain(ChangeText(finding)));
  if (!finding.reason.empty()) text += Wrap("    " + Plain(finding.reason), kWidth, 4) + "\n";
  return text;
}

}  // namespace

std::string VerdictConsole(const Findings& findings, const Policy& policy) {
  std::string text;
  std::size_t equal = 0;
  for (const Finding& finding : findings.rows) {
    if (finding.exact && finding.verdict == Verdict::kPass) {
      ++equal;
    } else {
      if (text.empty()) {
        text = fmt::format("{} {} {} {}  {}\n", PadRight("verdict", 12), PadRight("row", 22),
                           PadLeft("base", 13), PadLeft("head", 13), "change [95 %]");
      }
      text += Row(finding);
    }
  }
  if (equal > 0) {
    text += fmt::format("{} {} values that repetitions cannot change are equal\n",
                        PadRight("pass", 12), equal);
  }
  text += "\n";
  if (!findings.paired) text += "Unpaired: two stored results, with doubled thresholds.\n";
  for (const std::string& line : findings.differences) {
    text += Wrap("not alike: " + Plain(line), kWidth, 4) + "\n";
  }
  for (const std::string& line : findings.notes) {
    text += Wrap("note: " + Plain(line), kWidth, 4) + "\n";
  }
  for (const Control& control : findings.controls) {
    text += fmt::format("control {}: {:+.1f} %{}\n", Plain(control.name),
                        100 * std::expm1(control.effect.worse), control.moved ? ", moved" : "");
  }
  text += Wrap(Plain(Summary(findings)), kWidth, 4) + "\n";
  if (Count(findings, Verdict::kInconclusive) > 0 && !policy.inconclusive_fails) {
    text += "Inconclusive rows pass by this policy: they are a warning.\n";
  }
  return text + Wrap(SensitivityText(findings), kWidth, 4) + "\n";
}

}  // namespace inferometer
