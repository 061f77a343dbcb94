// Published results as flat rows, one for each measured metric: NDJSON, CSV, and back.
#ifndef INFEROMETER_RESULTS_SUBMIT_EXPORT_H_
#define INFEROMETER_RESULTS_SUBMIT_EXPORT_H_

#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "results/record.h"
#include "results/submit/tiers.h"

namespace inferometer {

// The columns, in their order; results/README.md shows them.
struct Column {
  std::string_view name, help;
};
std::span<const Column> ExportColumns();
std::string ColumnsMarkdown();

// The rows of one result that are ok, each an object with every column but `tier` set.
std::vector<nlohmann::json> RowsOf(const std::string& file, const Result& result,
                                   const std::vector<Flag>& flags,
                                   const std::set<std::string>& maintainers);

// Sets `tier` of each row from all of them.
void PutTiers(std::vector<nlohmann::json>& rows);

// All rows below a folder of results. Throws Error(kInvalidInput).
std::vector<nlohmann::json> ExportRows(const std::string& folder, const std::vector<Flag>& flags,
                                       const std::set<std::string>& maintainers);

// A line without its end.
std::string NdjsonLine(const nlohmann::json& row);
std::string CsvLine(const nlohmann::json& row);  // RFC 4180; null is empty
std::string CsvHeader();

// The rows of NDJSON text that NdjsonLine wrote, one after the other. Throws Error(kInvalidInput)
// naming the line.
void ForEachRow(std::string_view text, std::string_view name,
                const std::function<void(nlohmann::json row)>& take);
std::vector<nlohmann::json> ParseNdjson(std::string_view text, std::string_view name);

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_SUBMIT_EXPORT_H_
