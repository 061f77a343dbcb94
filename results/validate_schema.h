// Holds a JSON document against the embedded schema of result files.
#ifndef INFEROMETER_RESULTS_VALIDATE_SCHEMA_H_
#define INFEROMETER_RESULTS_VALIDATE_SCHEMA_H_

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer {

struct SchemaFinding {
  std::string path;  // "records[3].median"; empty for the document itself
  std::string what;  // "Value type not permitted by 'type' constraint."
};

// Empty when `document` is valid against results/schema/result-1.0.json.
std::vector<SchemaFinding> ValidateSchema(const nlohmann::json& document);

// One line per finding, "  records[3].median: ...", the first ten of them.
std::string Describe(const std::vector<SchemaFinding>& findings);

// The schema itself, as `results/schema/result-1.0.json` has it.
std::string_view SchemaText();

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_VALIDATE_SCHEMA_H_
