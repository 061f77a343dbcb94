// One self-contained page: the dashboard's device page where this build has it, else one without
// script.
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "harness/base/embedded.h"
#include "harness/base/text.h"
#include "harness/report/curves.h"
#include "harness/report/escape.h"
#include "harness/report/formats.h"
#include "harness/report/html_tables.h"
#include "harness/report/limit.h"
#include "harness/report/page.h"
#include "harness/report/quantity.h"
#include "harness/report/rows.h"
#include "harness/report/svg.h"
#include "results/metrics.h"
#include "results/schema_id.h"

namespace inferometer {

std::span<const EmbeddedFile> ReportFiles();  // report.html

namespace {

struct Place {
  std::string_view name;
  std::string html;
};

// The template with every {{name}} replaced; what is put in is not looked at again.
std::string Fill(std::string_view page, std::initializer_list<Place> places) {
  std::string out;
  for (std::size_t at = 0; at < page.size();) {
    const std::size_t open = page.find("{{", at);
    const std::size_t close = open == page.npos ? page.npos : page.find("}}", open);
    if (close == page.npos) return out.append(page.substr(at));
    out.append(page.substr(at, open - at));
    const std::string_view name = page.substr(open + 2, close - open - 2);
    for (const Place& place : places) {
      if (place.name == name) out += place.html;
    }
    at = close + 2;
  }
  return out;
}

// The device that the plots and the figures on top are about: the first with a rate and a roofline
// that is no software renderer.
const Record* Subject(const Result& result) {
  const Record* any = nullptr;
  for (const Record& record : result.records) {
    if (record.status != Status::kOk || !record.roofline) continue;
    if (any == nullptr || (any->software && !record.software)) any = &record;
  }
  return any;
}

bool SameSubject(const Record& a, const Record& b) {
  const bool same_model =
      a.model.has_value() == b.model.has_value() &&
      (!a.model || (a.model->name == b.model->name && a.model->quant == b.model->quant));
  return same_model && a.device == b.device && a.threads == b.threads;
}

// The rates are enough: the times of the same work would lie on the same spots.
std::vector<const Record*> Points(const Result& result, const Record& subject) {
  std::vector<const Record*> points;
  for (const Record& record : result.records) {
    const bool rate = record.metric == "decode_rate" || record.metric == "prefill_rate";
    if (record.status == Status::kOk && record.roofline && rate && SameSubject(record, subject)) {
      points.push_back(&record);
    }
  }
  return points;
}

// The large figures: the first ok row of each metric that people ask for first.
std::string Figures(const Result& result, const Record* subject) {
  std::string out;
  for (const char* metric : {"decode_rate", "prefill_rate", "ttft", "load_time"}) {
    for (const Record& record : result.records) {
      if (subject == nullptr || !SameSubject(record, *subject)) continue;
      if (record.metric != metric || record.status != Status::kOk) continue;
      const Metric* row = FindMetric(metric);
      const Scale scale = ScaleFor(record.median, row->unit);
      out += fmt::format(
          R"(<div class="figure"><span class="name">{}</span><span class="value">{} <small>{}</small></span><span class="point">{}{}</span></div>)",
          Html(row->label), Number(record.median, scale), Html(scale.unit), Html(Label(record)),
          record.roofline ? " · " + Html(ShareOfRoof(record)) : "");
      break;
    }
  }
  return out.empty() ? "" : "<div class=\"figures\">" + out + "</div>";
}

std::string Figure(const std::string& svg, const std::string& heading, const std::string& below) {
  if (svg.empty()) return "";
  return "<figure><h2>" + heading + "</h2>" + svg + "<figcaption>" + below +
         "</figcaption></figure>\n";
}

// The curves over the working set, and the caches read off them.
std::string CurvePlots(const Result& result) {
  std::vector<Curve> bandwidths, latencies;
  for (Curve& curve : CurvesOf(result)) {
    (curve.metric == "access_latency" ? latencies : bandwidths).push_back(std::move(curve));
  }
  const std::vector<SeenCache> caches = SeenCachesOf(result);
  std::string list;
  for (const SeenCache& cache : caches) list += "<li>" + Html(Describe(cache)) + "</li>";
  if (!list.empty()) list = "<ol>" + list + "</ol>";
  return Figure(CurveSvg(bandwidths, caches, "Read bandwidth"), "Read bandwidth by working set",
                "Every thread reads its own working set again and again.") +
         Figure(CurveSvg(latencies, caches, "Access latency"), "Access latency by working set",
                "Each load needs the address that the one before it gave. Dashed: where software "
                "sees a cache end." +
                    list);
}

std::string RowPlots(const Result& result, const Record* subject) {
  if (subject == nullptr) return "";
  const std::vector<const Record*> points = Points(result, *subject);
  std::string list;
  for (const Record* record : points) {
    list += fmt::format("<li>{} <span class=\"unit\">{}</span></li>", Html(Label(*record)),
                        Html(ShareOfRoof(*record)));
  }
  std::string out =
      Figure(RooflineSvg(result, subject->device, subject->threads, points), "Roofline",
             "How close each workload comes to what " + Html(subject->device) +
                 " can do. A band shows how far a roof moved during the run.<ol>" + list + "</ol>");
  for (const Record& record : result.records) {
    if (record.status != Status::kOk || record.metric != "decode_rate") continue;
    const std::string svg = SameSubject(record, *subject) ? TokenLatencySvg(record) : "";
    if (svg.empty()) continue;
    out += Figure(svg, "Time of each token",
                  Html(Label(record)) +
                      ": every dot is a token of one repetition, the line their "
                      "median at that place; the bars count all of them.");
    break;
  }
  return out;
}

std::string Plots(const Result& result, const Record* subject) {
  const std::string out = RowPlots(result, subject) + CurvePlots(result);
  return out.empty() ? "" : "<div class=\"plots\">" + out + "</div>";
}

std::string Facts(const Result& result) {
  std::string out;
  const auto fact = [&](const char* name, const std::string& text) {
    if (!text.empty()) out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, Html(text));
  };
  fact("Processor", TextAt(result.device, {"cpu", "name"}));
  const std::string cores = TextAt(result.device, {"cpu", "cores"});
  const std::string threads = TextAt(result.device, {"cpu", "threads"});
  fact("Cores", cores + (threads.empty() || threads == cores ? "" : " (" + threads + " threads)"));
  const nlohmann::json::json_pointer total("/memory/total_bytes");
  if (result.device.contains(total) && result.device.at(total).is_number()) {
    fact("Memory", HumanBytes(result.device.at(total).get<double>()));
  }
  fact("System", TextAt(result.device, {"os", "name"}));
  fact("Kernel", TextAt(result.device, {"os", "kernel"}));
  fact("Class", TextAt(result.device, {"class"}));
  const std::string engine = TextAt(result.tool, {"engine"});
  fact("Tool", (engine.empty() ? "Inferometer" : engine) + " " + TextAt(result.tool, {"version"}) +
                   " " + TextAt(result.tool, {"commit"}).substr(0, 12));
  fact("Compiler", TextAt(result.tool, {"compiler"}) + " " + TextAt(result.tool, {"flags"}));
  fact("Suite", kSuite);
  fact("Preset", TextAt(result.run, {"preset"}));
  fact("Started", TextAt(result.run, {"started_at"}));
  fact("Run", TextAt(result.run, {"id"}));
  std::string model;
  for (const Record& record : result.records) {
    if (!record.model || record.model->name == model) continue;
    model = record.model->name;
    fact("Model", fmt::format("{} {}, {}, SHA-256 {}", record.model->name, record.model->quant,
                              Quantity(static_cast<double>(record.model->bytes), "B"),
                              record.model->sha256.empty() ? "not taken" : record.model->sha256));
  }
  return out + ScoreList(result);
}

}  // namespace

std::string RenderHtml(const Result& result, const Style& style) {
  if (!style.page.empty()) return FillPage(style.page, RenderJson(result, style));
  const Record* subject = Subject(result);
  std::string tables;
  for (const Group& group : GroupsOf(result)) tables += RowsTable(group);
  const std::string incomplete = IncompleteLine(result);
  std::string name = TextAt(result.device, {"cpu", "name"});
  if (name.empty()) name = "unknown device";
  // The name stands above the line that starts with it.
  std::string device = DeviceLine(result);
  if (device.starts_with(name + ", ")) device.erase(0, name.size() + 2);
  std::string page;
  for (const EmbeddedFile& file : ReportFiles()) {
    if (file.name == "report.html") page = file.text;
  }
  return Fill(page,
              {{"title", Html(name)},
               {"device", Html(device)},
               {"run", Html(RunLine(result))},
               {"limit", Html(WhatLimits(result))},
               {"incomplete",
                incomplete.empty() ? "" : "<p class=\"incomplete\">" + Html(incomplete) + "</p>"},
               {"figures", Figures(result, subject)},
               {"rows", tables.empty() ? "<p>No rows.</p>" : tables},
               {"plots", Plots(result, subject)},
               {"roofs", RoofsTable(result)},
               {"warnings", WarningList(result)},
               {"facts", Facts(result)},
               {"command", Html(RepeatCommand(result))},
               {"json", Html(RenderJson(result, style))}});
}

}  // namespace inferometer
