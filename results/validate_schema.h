// Holds a JSON document against an embedded schema: that of result files, or another one.
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

inline constexpr std::string_view kResultSchema = "result-1.0.json";
inline constexpr std::string_view kPolicySchema = "policy-1.0.json";
inline constexpr std::string_view kVerdictSchema = "verdict-1.0.json";

// Empty when `document` is valid against results/schema/<file>. Not for several threads at once.
std::vector<SchemaFinding> ValidateSchema(const nlohmann::json& document,
                                          std::string_view file = kResultSchema);

// One line per finding, "  records[3].median: ...", the first ten of them.
std::string Describe(const std::vector<SchemaFinding>& findings);

// The schema itself, as `results/schema/` has it; "{}" for a file that is not there.
std::string_view SchemaText(std::string_view file = kResultSchema);

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_VALIDATE_SCHEMA_H_
