// Published results as flat rows.
#include "results/submit/export.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "results/json.h"
#include "results/metrics.h"
#include "results/submit/archive.h"
#include "results/submit/subject.h"

namespace inferometer {
namespace {

using nlohmann::json;

constexpr Column kColumns[] = {
    {"file", "Below results/public."},
    {"run_id", "Of the run."},
    {"started_at", "UTC, cut to the hour."},
    {"public_key", "Who published it."},
    {"maintainer", "Whether that is a maintainer's key."},
    {"flag", "note or error, where maintainers have remarked something."},
    {"flag_reason", "What they remarked."},
    {"tier", "self-reported, corroborated (three keys within 10 %) or reproduced."},
    {"class", "phone, laptop, desktop ..."},
    {"hardware", "What computed: the processor's or the GPU's name."},
    {"machine", "Product name of the machine."},
    {"cpu", "Name of the processor."},
    {"memory_bytes", "Of the machine."},
    {"os", "Name and version."},
    {"hypervisor", "None on real hardware."},
    {"backend", "cpu, vulkan, opencl."},
    {"device", "Device with its kernel set."},
    {"software", "Whether a processor emulates it."},
    {"threads", "CPU threads that computed."},
    {"model", "Name in the catalogue."},
    {"quant", "Format or mixture."},
    {"workload", "prefill, decode ..."},
    {"point", "The workload with the params that choose its point."},
    {"metric", "A row of the metric table."},
    {"unit", "SI."},
    {"better", "higher or lower."},
    {"median", "In the unit."},
    {"ci_low", "95 % interval of the median."},
    {"ci_high", "Its other end."},
    {"n", "Samples."},
    {"converged", "Whether the interval came within its target."},
    {"shape", "flat, warmup, slowdown, none."},
    {"bound", "memory or compute."},
    {"fraction", "Of that roof."},
};

json At(const json& object, const char* pointer) {
  const json::json_pointer at(pointer);
  return object.contains(at) ? object[at] : json();
}

std::string CsvField(const json& value) {
  if (value.is_null()) return "";
  std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

json RowOf(const Result& result, const Record& record) {
  const Metric* metric = FindMetric(record.metric);
  json row = {{"run_id", At(result.run, "/id")},
              {"started_at", At(result.run, "/started_at")},
              {"public_key", PublisherOf(result)},
              {"tier", nullptr},
              {"class", At(result.device, "/class")},
              {"hardware", HardwareOf(result, record)},
              {"machine", At(result.device, "/os/machine")},
              {"cpu", At(result.device, "/cpu/name")},
              {"memory_bytes", At(result.device, "/memory/total_bytes")},
              {"os", At(result.device, "/os/name")},
              {"hypervisor", At(result.device, "/environment/hypervisor")}};
  row["backend"] = record.backend;
  row["device"] = record.device;
  row["software"] = record.software;
  row["threads"] = record.threads;
  row["model"] = record.model ? json(record.model->name) : json();
  row["quant"] = record.model ? json(record.model->quant) : json();
  row["workload"] = record.workload;
  row["point"] = PointOf(record);
  row["metric"] = record.metric;
  row["unit"] = metric ? json(metric->unit) : json();
  row["better"] = metric ? json(metric->better == Better::kHigher ? "higher" : "lower") : json();
  row["median"] = record.median;
  row["ci_low"] = record.ci95 ? json(record.ci95->first) : json();
  row["ci_high"] = record.ci95 ? json(record.ci95->second) : json();
  row["n"] = record.samples.size();
  row["converged"] = record.converged;
  row["shape"] = record.shape;
  row["bound"] = record.roofline ? json(record.roofline->bound) : json();
  row["fraction"] = record.roofline ? json(record.roofline->fraction) : json();
  return row;
}

}  // namespace

std::span<const Column> ExportColumns() { return kColumns; }

std::string ColumnsMarkdown() {
  std::string text = "| column | holds |\n|---|---|\n";
  for (const Column& column : kColumns)
    text += fmt::format("| `{}` | {} |\n", column.name, column.help);
  return text;
}

std::vector<json> RowsOf(const std::string& file, const Result& result,
                         const std::vector<Flag>& flags, const std::set<std::string>& maintainers) {
  const auto flag =
      std::find_if(flags.begin(), flags.end(), [&](const Flag& f) { return f.file == file; });
  std::vector<json> rows;
  for (const Record& record : result.records) {
    if (record.status != Status::kOk) continue;
    json row = RowOf(result, record);
    row["file"] = file;
    row["maintainer"] = maintainers.contains(PublisherOf(result));
    row["flag"] = flag == flags.end() ? json() : json(flag->error ? "error" : "note");
    row["flag_reason"] = flag == flags.end() ? json() : json(flag->reason);
    rows.push_back(std::move(row));
  }
  return rows;
}

void PutTiers(std::vector<json>& rows) {
  std::map<std::string, std::vector<Claim>> claims;
  std::set<std::string> maintainers;
  const auto subject = [](const json& row) {
    std::string text;
    for (const char* key : {"hardware", "device", "model", "quant", "point", "metric"}) {
      text += row[key].dump() + "|";
    }
    return text;
  };
  for (const json& row : rows) {
    claims[subject(row)].push_back({.public_key = row["public_key"].get<std::string>(),
                                    .median = row["median"].get<double>(),
                                    .counts = row["flag"] != "error"});
    if (row["maintainer"] == true) maintainers.insert(row["public_key"].get<std::string>());
  }
  for (json& row : rows) {
    const bool counts = row["flag"] != "error";
    row["tier"] =
        NameOf(counts ? TierOf(row["median"].get<double>(), claims[subject(row)], maintainers)
                      : TrustTier::kSelfReported);
  }
}

std::vector<json> ExportRows(const std::string& folder, const std::vector<Flag>& flags,
                             const std::set<std::string>& maintainers) {
  std::vector<json> rows;
  for (const std::string& file : ResultFiles(folder)) {
    const std::string path = (std::filesystem::path(folder) / file).string();
    const json document = ParseJson(ReadText(path), path);
    for (json& row : RowsOf(file, FromJson(document), flags, maintainers)) {
      rows.push_back(std::move(row));
    }
  }
  PutTiers(rows);
  return rows;
}

std::string NdjsonLine(const json& row) {
  std::string line = "{";
  for (const Column& column : kColumns) {
    line += fmt::format(
        "{}\"{}\":{}", line.size() > 1 ? "," : "", column.name,
        row[std::string(column.name)].dump(-1, ' ', false, json::error_handler_t::replace));
  }
  return line + "}";
}

std::string CsvHeader() {
  std::string line;
  for (const Column& column : kColumns)
    line += (line.empty() ? "" : ",") + std::string(column.name);
  return line;
}

std::string CsvLine(const json& row) {
  std::string line;
  for (std::size_t i = 0; i < std::size(kColumns); ++i) {
    line += (i == 0 ? "" : ",") + CsvField(row[std::string(kColumns[i].name)]);
  }
  return line;
}

void ForEachRow(std::string_view text, std::string_view name,
                const std::function<void(json row)>& take) {
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty()) continue;
    json row = ParseJson(line, fmt::format("{}:{}", name, number));
    for (const Column& column : kColumns) {
      if (!row.is_object() || !row.contains(std::string(column.name))) {
        throw Error(ExitCode::kInvalidInput,
                    fmt::format("'{}' line {}: the column '{}' is missing; give what `inferometer "
                                "results export --ndjson` wrote",
                                name, number, column.name));
      }
    }
    take(std::move(row));
  }
}

std::vector<json> ParseNdjson(std::string_view text, std::string_view name) {
  std::vector<json> rows;
  ForEachRow(text, name, [&rows](json row) { rows.push_back(std::move(row)); });
  return rows;
}

}  // namespace inferometer
