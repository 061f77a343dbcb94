// The tables and lists of the HTML report. All text in them is escaped.
#include "harness/report/html_tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/report/escape.h"
#include "harness/report/quantity.h"
#include "harness/report/svg.h"
#include "results/metrics.h"
#include "results/result_file.h"
#include "results/score.h"

namespace inferometer {
namespace {

// Roles are spelled out because the narrow layout takes the table's own away (CSS display).
std::string Cell(const char* style, const char* label, const std::string& html) {
  return fmt::format(R"(<td role="cell" class="{}" data-label="{}">{}</td>)", style, label, html);
}

std::string Head(const char* style, const std::string& text) {
  return fmt::format(R"(<th role="columnheader" scope="col" class="{}">{}</th>)", style, text);
}

std::string RowHead(const std::string& html) {
  return fmt::format(R"(<th role="rowheader" scope="row">{}</th>)", html);
}

std::string Value(double value, const Scale& scale) {
  return fmt::format(R"(<b>{}</b> <span class="unit">{}</span>)", Number(value, scale),
                     Html(scale.unit));
}

std::string Right(const Record& record) {
  if (!record.conformance) return R"(<span class="unit">not checked</span>)";
  const Conformance& c = *record.conformance;
  const std::string title = fmt::format("NMSE {:.2g}, limit {:.2g}; {} of {} greedy tokens equal",
                                        c.nmse, c.limit, c.greedy_match, c.greedy_total);
  return c.pass ? fmt::format(R"(<span class="good" title="{}">✓ yes</span>)", Html(title))
                : fmt::format(R"(<span class="bad" title="{}">✗ no</span>)", Html(title));
}

std::string Share(const Record& record) {
  if (!record.roofline) return "";
  const double width = std::min(1.0, record.roofline->fraction) * 100;
  return fmt::format(R"(<span class="share"><span style="width:{:.0f}%"></span></span> {})", width,
                     Html(ShareOfRoof(record)));
}

std::string Row(const Record& record) {
  const Metric* metric = FindMetric(record.metric);
  std::string name = fmt::format(R"(<span title="{}">{}</span>)", metric ? Html(metric->help) : "",
                                 Html(Label(record)));
  if (record.status != Status::kOk) {
    const bool failed = record.status == Status::kFailed;
    return fmt::format(
        R"(<tr role="row" class="not-ok">{}<td role="cell" colspan="6"><span class="{}">{}</span> {}</td></tr>)",
        RowHead(name), failed ? "bad" : "warn", NameOf(record.status), Html(record.reason));
  }
  const std::string caveat = Caveat(record);
  if (!caveat.empty()) name += fmt::format(R"(<span class="caveat">{}</span>)", Html(caveat));
  const Scale scale = ScaleFor(record.median, metric ? metric->unit : "1");
  std::string row = "<tr role=\"row\">" + RowHead(name);
  row += Cell("number", "median", Value(record.median, scale));
  row += Cell("number", "95 % interval", Html(IntervalText(record, scale)));
  row += Cell("strip", "±10 %", SpreadSvg(record));
  row += Cell("number count", "n", std::to_string(record.samples.size()));
  row += Cell("roofshare", "of the roof", Share(record));
  row += Cell("right", "correct", Right(record));
  return row + "</tr>\n";
}

}  // namespace

std::string RowsTable(const Group& group) {
  const bool any = std::any_of(group.records.begin(), group.records.end(),
                               [](const Record* record) { return record->status == Status::kOk; });
  std::string out = R"(<section class="rows"><table role="table" class="rows"><caption>)" +
                    Html(group.heading) + "</caption><thead><tr role=\"row\">" +
                    Head("name", "workload");
  if (any) {
    out += Head("number", "median") + Head("number", "95 % interval") +
           Head("strip", "samples, ±10 %") + Head("number count", "n") +
           Head("roofshare", "of the roof") + Head("right", "correct");
  } else {
    out += R"(<th role="columnheader" scope="col" colspan="6">why there is no number</th>)";
  }
  out += "</tr></thead>\n<tbody>";
  for (const Record* record : group.records) out += Row(*record);
  return out + "</tbody></table></section>\n";
}

std::string RoofsTable(const Result& result) {
  const std::vector<Roof> roofs = RoofsOf(result);
  if (roofs.empty()) return "<p>No ceilings were measured, so no row is held against a roof.</p>";
  std::string out =
      R"(<table role="table" class="roofs"><caption>Measured before, between and after the workloads</caption><thead><tr role="row">)";
  out += Head("", "roof") + Head("number", "middle") + Head("number", "over the run") +
         Head("number", "n") + Head("", "device") + "</tr></thead>\n<tbody>";
  for (const Roof& roof : roofs) {
    const Metric* metric = FindMetric(roof.metric);
    const Scale scale = ScaleFor(roof.middle, roof.unit);
    std::string name = metric ? Html(metric->label) : Html(roof.metric);
    if (!roof.how.empty()) {
      name += fmt::format(R"(<span class="unit remedy">{}</span>)", Html(roof.how));
    }
    out += "<tr role=\"row\">" + RowHead(name);
    out += Cell("number", "middle", Value(roof.middle, scale));
    out += Cell("number", "over the run",
                roof.n > 1 ? Number(roof.low, scale) + " – " + Number(roof.high, scale)
                           : R"(<span class="unit">once</span>)");
    out += Cell("number", "n", std::to_string(roof.n));
    std::string device = Html(roof.device);
    if (roof.threads > 0)
      device += fmt::format(", {} thread{}", roof.threads, roof.threads == 1 ? "" : "s");
    out += Cell("", "device", device) + "</tr>\n";
  }
  return out + "</tbody></table>\n";
}

std::string WarningList(const Result& result) {
  if (result.warnings.empty()) return "";
  std::string out =
      R"(<section class="warnings" aria-labelledby="warnings"><h2 id="warnings">Warnings</h2><ul>)";
  for (const Warning& warning : result.warnings) {
    out += fmt::format("<li>{}<span class=\"remedy\">{}</span></li>\n", Html(warning.message),
                       Html(warning.remedy));
  }
  return out + "</ul></section>\n";
}

std::string ScoreList(const Result& result) {
  std::string out;
  for (const Score& score : Scores(result.records)) {
    out += fmt::format("<dt>Score on {}</dt><dd>{}</dd>\n", Html(score.device),
                       score.value ? fmt::format("{:.0f} ({} tier)", *score.value, Html(score.tier))
                                   : "none: " + Html(score.reason));
  }
  return out;
}

}  // namespace inferometer
