// Holds a JSON document against an embedded schema.
//
// The schemas declare draft 2020-12. The validator, valijson 1.0, knows drafts up to 7, so they
// keep to keywords that mean the same in both: no prefixItems, unevaluatedProperties,
// dependentRequired, minContains, and nothing beside $ref. A test holds it to that list.
#include "results/validate_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
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

constexpr std::string_view kFiles[] = {"result-1.0.json", "publish-1.0.json", "devices-1.0.json",
                                       "policy-1.0.json", "verdict-1.0.json"};  // by SchemaName

struct CompiledSchema {
  explicit CompiledSchema(SchemaName name) {
    const nlohmann::json text = nlohmann::json::parse(SchemaText(name));
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(text), schema);
  }
  valijson::Schema schema;
};

const CompiledSchema& Compiled(SchemaName name) {
  static std::mutex mutex;
  static std::map<SchemaName, CompiledSchema> compiled;
  const std::scoped_lock lock(mutex);
  return compiled.try_emplace(name, name).first->second;
}

// Patterns are matched by recursion over the characters, so long strings are refused before that.
constexpr std::size_t kLongestString = 4096;

void FindLongStrings(const nlohmann::json& json, const std::string& path,
                     std::vector<SchemaFinding>& findings) {
  if (json.is_string()) {
    const std::size_t size = json.get_ref<const std::string&>().size();
    if (size <= kLongestString) return;
    findings.push_back(
        {path, fmt::format("a string of {} bytes; the longest has {}", size, kLongestString)});
  } else if (json.is_object()) {
    for (const auto& [key, value] : json.items()) {
      if (key.size() > kLongestString) findings.push_back({path, "a key is too long"});
      FindLongStrings(value, (path.empty() ? "" : path + ".") + key.substr(0, 60), findings);
    }
  } else if (json.is_array()) {
    for (std::size_t i = 0; i < json.size(); ++i) {
      FindLongStrings(json[i], fmt::format("{}[{}]", path, i), findings);
    }
  }
}

}  // namespace

std::string_view SchemaText(SchemaName name) {
  for (const EmbeddedFile& file : SchemaFiles()) {
    if (file.name == kFiles[static_cast<std::size_t>(name)]) return file.text;
  }
  return "{}";
}

std::vector<SchemaFinding> ValidateSchema(const nlohmann::json& document, SchemaName name) {
  std::vector<SchemaFinding> findings;
  FindLongStrings(document, "", findings);
  if (!findings.empty()) return findings;
  const CompiledSchema& compiled = Compiled(name);
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  valijson::ValidationResults results;
  const valijson::adapters::NlohmannJsonAdapter adapter(document);
  if (validator.validate(compiled.schema, adapter, &results)) return {};
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
