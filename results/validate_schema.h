// Holds a JSON document against an embedded schema.
#ifndef INFEROMETER_RESULTS_VALIDATE_SCHEMA_H_
#define INFEROMETER_RESULTS_VALIDATE_SCHEMA_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer {

struct SchemaFinding {
  std::string path;  // "records[3].median"; empty for the document itself
  std::string what;  // "Value type not permitted by 'type' constraint."
};

enum class SchemaName : std::uint8_t {
  kResult,   // results/schema/result-1.0.json
  kPublish,  // results/schema/publish-1.0.json: what may leave a machine
  kDevices,  // results/schema/devices-1.0.json: of results/devices.json
  kPolicy,   // results/schema/policy-1.0.json: thresholds of the gate
  kVerdict,  // results/schema/verdict-1.0.json: what the gate found
};

// Empty when `document` is valid against that schema.
std::vector<SchemaFinding> ValidateSchema(const nlohmann::json& document,
                                          SchemaName name = SchemaName::kResult);

// One line per finding, "  records[3].median: ...", the first ten of them.
std::string Describe(const std::vector<SchemaFinding>& findings);

// The schema itself, as its file has it.
std::string_view SchemaText(SchemaName name = SchemaName::kResult);

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_VALIDATE_SCHEMA_H_
