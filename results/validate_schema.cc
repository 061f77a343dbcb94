// Holds a JSON document against the embedded schema of result files.
//
// The schema declares draft 2020-12. The validator, valijson 1.0, knows drafts up to 7, so the
// schema keeps to keywords that mean the same in both: no prefixItems, unevaluatedProperties,
// dependentRequired, minContains, and nothing beside $ref. A test holds it to that list.
#include "results/validate_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "harness/base/embedded.h"

namespace inferometer {
namespace {

// valijson reports a fault once where it is and once more for every level around it.
bool IsEcho(const std::string& what) {
  constexpr std::string_view kEchoes[] = {
      "Failed to validate against schema associated with", "Failed to validate item #",
      "Failed to validate against a conditional schema", "Failed to validate against child schema"};
  return std::any_of(std::begin(kEchoes), std::end(kEchoes),
                     [&](std::string_view echo) { return what.starts_with(echo); });
}

// {"<root>", "[records]", "[3]", "[median]"} -> "records[3].median"
std::string PathOf(const std::vector<std::string>& context) {
  std::string path;
  for (const std::string& step : context) {
    if (step.size() < 2 || step.front() != '[') continue;
    const std::string name = step.substr(1, step.size() - 2);
    const bool index = !name.empty() && std::all_of(name.begin(), name.end(),
                                                    [](char c) { return c >= '0' && c <= '9'; });
    if (index) {
      path += step;
    } else {
      path += (path.empty() ? "" : ".") + name;
    }
  }
  return path;
}

struct CompiledSchema {
  explicit CompiledSchema(std::string_view file) {
    const nlohmann::json text = nlohmann::json::parse(SchemaText(file));
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(text), schema);
  }
  valijson::Schema schema;
};

}  // namespace

std::string_view SchemaText(std::string_view file) {
  for (const EmbeddedFile& embedded : SchemaFiles()) {
    if (embedded.name == file) return embedded.text;
  }
  return "{}";
}

std::vector<SchemaFinding> ValidateSchema(const nlohmann::json& document, std::string_view file) {
  static std::map<std::string, CompiledSchema, std::less<>> schemas;
  const CompiledSchema& compiled = schemas.try_emplace(std::string(file), file).first->second;
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  valijson::ValidationResults results;
  const valijson::adapters::NlohmannJsonAdapter adapter(document);
  if (validator.validate(compiled.schema, adapter, &results)) return {};
  std::vector<SchemaFinding> findings;
  std::set<std::pair<std::string, std::string>> seen;
  for (const valijson::ValidationResults::Error& error : results) {
    if (IsEcho(error.description)) continue;
    const std::string path = PathOf(error.context);
    if (seen.emplace(path, error.description).second) findings.push_back({path, error.description});
  }
  if (findings.empty()) findings.push_back({"", "does not match the schema"});
  return findings;
}

std::string Describe(const std::vector<SchemaFinding>& findings) {
  constexpr std::size_t kShown = 10;
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, findings.size()); ++i) {
    text += fmt::format("  {}: {}\n", findings[i].path.empty() ? "document" : findings[i].path,
                        findings[i].what);
  }
  if (findings.size() > kShown) text += fmt::format("  and {} more\n", findings.size() - kShown);
  if (!text.empty()) text.pop_back();
  return text;
}

}  // namespace inferometer
