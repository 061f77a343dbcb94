// A verdict as GitHub annotations and as JUnit XML.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "harness/gate/verdict_formats.h"
#include "harness/report/escape.h"

namespace inferometer {
namespace {

// Workflow commands: https://docs.github.com/actions, "Workflow commands": the message escapes
// % CR LF, a property : and , too.
std::string Escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    const bool special = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
    if (special) {
      out += fmt::format("%{:02X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out;
}

bool Fails(Verdict verdict) {
  return verdict == Verdict::kRegression || verdict == Verdict::kMissing ||
         verdict == Verdict::kIncomparable;
}

std::string Message(const Finding& finding) {
  std::string text = finding.label;
  if (finding.change) {
    text += fmt::format(" {} (base {}, head {})", ChangeText(finding), ValueText(finding, false),
                        ValueText(finding, true));
  }
  if (!finding.device.empty()) text += " on " + finding.device;
  if (!finding.reason.empty()) text += ": " + finding.reason;
  return text;
}

std::string Annotation(std::string_view kind, std::string_view title, const std::string& text) {
  return fmt::format("::{} title={}::{}\n", kind, Escaped(title, true), Escaped(text, false));
}

void Put(std::string& out, const Findings& findings, std::string_view kind, bool fails) {
  const auto wanted = [&](const Finding& finding) {
    return fails ? Fails(finding.verdict) : finding.verdict == Verdict::kInconclusive;
  };
  const auto total =
      static_cast<std::size_t>(std::count_if(findings.rows.begin(), findings.rows.end(), wanted));
  // The last of them stands for all that do not fit.
  const std::size_t shown = total > kMostAnnotations ? kMostAnnotations - 1 : total;
  std::size_t done = 0;
  for (const Finding& finding : findings.rows) {
    if (!wanted(finding) || done == shown) continue;
    ++done;
    out +=
        Annotation(kind, fmt::format("Performance: {}", NameOf(finding.verdict)), Message(finding));
  }
  if (total > shown) {
    out += Annotation(kind, "Performance", fmt::format("and {} more rows", total - shown));
  }
}

std::string Attribute(std::string_view name, const std::string& value) {
  return fmt::format(" {}=\"{}\"", name, Html(Plain(value)));
}

}  // namespace

std::string VerdictAnnotations(const Findings& findings, const Policy&) {
  std::string out;
  Put(out, findings, "error", true);
  if (!findings.contaminated.empty()) {
    return out + Annotation("warning", "Performance: inconclusive", findings.contaminated);
  }
  Put(out, findings, "warning", false);
  return out;
}

std::string VerdictJunit(const Findings& findings, const Policy&) {
  const auto count = [&](auto predicate) {
    return std::count_if(findings.rows.begin(), findings.rows.end(),
                         [&](const Finding& finding) { return predicate(finding.verdict); });
  };
  const auto skips = [](Verdict verdict) {
    return verdict == Verdict::kInconclusive || verdict == Verdict::kNew;
  };
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuite name=\"inferometer\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" "
      "time=\"{:.3f}\">\n",
      findings.rows.size(), count(Fails), count(skips), findings.duration_s);
  for (const Finding& finding : findings.rows) {
    const std::string text = Message(finding);
    out += "  <testcase" + Attribute("classname", "inferometer." + finding.workload) +
           Attribute("name", finding.row) + " time=\"0\"";
    if (Fails(finding.verdict)) {
      out += fmt::format(">\n    <failure{}{}/>\n  </testcase>\n",
                         Attribute("type", std::string(NameOf(finding.verdict))),
                         Attribute("message", text));
    } else if (skips(finding.verdict)) {
      out +=
          fmt::format(">\n    <skipped{}/>\n  </testcase>\n",
                      Attribute("message", fmt::format("{}: {}", NameOf(finding.verdict), text)));
    } else {
      out += "/>\n";
    }
  }
  return out + "</testsuite>\n";
}

}  // namespace inferometer
