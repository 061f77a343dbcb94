// One line per row, for a spreadsheet. An empty field is an absent value.
#include <fmt/format.h>

#include "harness/report/escape.h"
#include "harness/report/formats.h"

namespace inferometer {
namespace {

struct Column {
  const char* name;
  const char* pointer;  // into the JSON of a record
};
constexpr Column kColumns[] = {{"workload", "/workload"},
                               {"model", "/model/name"},
                               {"quant", "/model/quant"},
                               {"model_sha256", "/model/sha256"},
                               {"model_bytes", "/model/bytes"},
                               {"backend", "/backend"},
                               {"device", "/device"},
                               {"requested", "/requested"},
                               {"software", "/software"},
                               {"threads", "/threads"},
                               {"params", "/params"},
                               {"metric", "/metric"},
                               {"definition", "/definition"},
                               {"unit", "/unit"},
                               {"better", "/better"},
                               {"status", "/status"},
                               {"reason", "/reason"},
                               {"median", "/median"},
                               {"ci95_low", "/ci95/0"},
                               {"ci95_high", "/ci95/1"},
                               {"n", "/n"},
                               {"cold", "/cold"},
                               {"converged", "/converged"},
                               {"shape", "/shape"},
                               {"outliers", "/outliers"},
                               {"bound", "/roofline/bound"},
                               {"roof", "/roofline/roof"},
                               {"roof_fraction", "/roofline/fraction"},
                               {"work_bytes", "/roofline/bytes"},
                               {"work_flops", "/roofline/flops"},
                               {"conformance_pass", "/conformance/pass"},
                               {"nmse", "/conformance/nmse"}};

std::string Field(const nlohmann::json& record, const char* pointer) {
  const nlohmann::json::json_pointer at(pointer);
  if (!record.contains(at)) return "";
  const nlohmann::json& value = record.at(at);
  if (value.is_null()) return "";
  if (value.is_string()) return Csv(value.get<std::string>());
  std::string text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (value.is_structured()) return Csv(text);
  return text;
}

}  // namespace

std::string RenderCsv(const Result& result, const Style&) {
  std::string out;
  for (const Column& column : kColumns) out += (out.empty() ? "" : ",") + std::string(column.name);
  out += "\n";
  const nlohmann::json document = ToJson(result);
  for (const nlohmann::json& record : document.at("records")) {
    std::string line;
    for (const Column& column : kColumns) {
      if (&column != kColumns) line += ",";
      line += Field(record, column.pointer);
    }
    out += line + "\n";
  }
  return out;
}

}  // namespace inferometer
