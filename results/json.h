// JSON from strangers: parsed within limits, read by typed accessors that name the path.
#ifndef INFEROMETER_RESULTS_JSON_H_
#define INFEROMETER_RESULTS_JSON_H_

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer {

struct JsonLimits {
  std::size_t size_bytes = std::size_t{64}
                           << 20;  // an extended run with every token time is < 10 MB
  int depth = 32;                  // a result nests 6 deep, device facts a few more
};

// What can be wrong with a text before anything is read from it.
enum class JsonFault : std::uint8_t { kSize, kDepth, kDuplicateKey, kNumber, kSyntax };

struct JsonProblem {
  JsonFault fault;
  std::string what;  // with the place
};

// Judges a text without building values; empty when ParseJson would take it.
std::optional<JsonProblem> InspectJson(std::string_view text, const JsonLimits& limits = {});

// The value of a JSON text. Throws Error(kInvalidInput), which names the place, for text that is
// too long, nested too deeply, not UTF-8, not JSON, or has a key twice in one object. `name` stands
// for the text in messages: a file's path.
nlohmann::json ParseJson(std::string_view text, std::string_view name,
                         const JsonLimits& limits = {});

// One value of a document and the way to it ("records[3].median"). Every accessor throws
// Error(kInvalidInput) with that path when the value is absent or of another type.
class JsonValue {
 public:
  explicit JsonValue(const nlohmann::json& json, std::string path = "")
      : json_(&json), path_(std::move(path)) {}

  JsonValue operator[](std::string_view key) const;  // a required member of an object
  bool Has(std::string_view key) const;              // present and not null
  bool IsNull() const { return json_->is_null(); }

  const std::string& String() const;
  std::string StringOrEmpty() const;  // null is empty
  bool Bool() const;
  double Number() const;  // finite
  std::int64_t Integer(std::int64_t low, std::int64_t high) const;
  std::uint64_t Unsigned() const;  // at most 2^53, which every JSON reader keeps exactly
  const nlohmann::json& Object() const;
  std::vector<JsonValue> Items() const;  // of an array
  std::vector<double> Numbers() const;   // of an array of finite numbers

  const nlohmann::json& json() const { return *json_; }
  const std::string& path() const { return path_; }
  // Throws Error(kInvalidInput): "records[3].median: <what>".
  [[noreturn]] void Fail(std::string_view what) const;

 private:
  const nlohmann::json* json_;
  std::string path_;
};

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_JSON_H_
