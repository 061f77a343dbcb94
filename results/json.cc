// JSON from strangers: parsed within limits, read by typed accessors that name the path.
#include "results/json.h"

#include <fmt/format.h>

#include <cmath>
#include <set>
#include <utility>

#include "harness/base/error.h"

namespace inferometer {
namespace {

// Walks the text without building anything: depth, duplicate keys and syntax are judged before
// memory is spent on values.
class Inspector : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Inspector(int max_depth) : max_depth_(max_depth) {}

  bool null() override { return Value(); }
  bool boolean(bool) override { return Value(); }
  bool number_integer(number_integer_t) override { return Value(); }
  bool number_unsigned(number_unsigned_t) override { return Value(); }
  bool number_float(number_float_t value, const string_t&) override {
    if (!std::isfinite(value)) return Refuse(JsonFault::kNumber, "a number is out of range");
    return Value();
  }
  bool string(string_t&) override { return Value(); }
  bool binary(binary_t&) override {
    return Refuse(JsonFault::kSyntax, "binary values are not JSON");
  }
  bool start_object(std::size_t) override { return Open(true); }
  bool start_array(std::size_t) override { return Open(false); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }

  bool key(string_t& name) override {
    Level& level = levels_.back();
    level.key = name;
    if (!level.keys.insert(name).second) {
      return Refuse(JsonFault::kDuplicateKey, fmt::format("the key '{}' stands twice", Clip(name)));
    }
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    // The library's text starts with its own error id in brackets.
    std::string what = error.what();
    const std::size_t end = what.find("] ");
    // 406: the number does not fit a double.
    fault_ = error.id == 406 ? JsonFault::kNumber : JsonFault::kSyntax;
    problem_ = fmt::format("byte {}: {}", position,
                           end == std::string::npos ? what : what.substr(end + 2));
    return false;
  }

  JsonProblem problem() const { return {fault_, problem_}; }

 private:
  struct Level {
    bool object = false;
    std::size_t index = 0;  // of the value being read, in an array
    std::string key;        // likewise, in an object
    std::set<std::string> keys;
  };

  static std::string Clip(std::string_view text) {
    return text.size() <= 60 ? std::string(text) : std::string(text.substr(0, 60)) + "...";
  }

  std::string Path() const {
    std::string path;
    for (const Level& level : levels_) {
      if (level.object) {
        path += (path.empty() ? "" : ".") + Clip(level.key);
      } else {
        path += fmt::format("[{}]", level.index);
      }
    }
    return path;
  }

  bool Refuse(JsonFault fault, std::string_view what) {
    fault_ = fault;
    const std::string path = Path();
    problem_ = path.empty() ? std::string(what) : fmt::format("{}: {}", path, what);
    return false;
  }

  bool Open(bool object) {
    if (static_cast<int>(levels_.size()) >= max_depth_) {
      return Refuse(JsonFault::kDepth, fmt::format("nested deeper than {} levels", max_depth_));
    }
    levels_.push_back({.object = object, .index = 0, .key = {}, .keys = {}});
    return true;
  }

  bool Close() {
    levels_.pop_back();
    return Value();
  }

  bool Value() {
    if (!levels_.empty() && !levels_.back().object) ++levels_.back().index;
    return true;
  }

  const int max_depth_;
  std::vector<Level> levels_;
  JsonFault fault_ = JsonFault::kSyntax;
  std::string problem_;
};

}  // namespace

std::optional<JsonProblem> InspectJson(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.size_bytes) {
    return JsonProblem{JsonFault::kSize, fmt::format("has {} bytes; a result file has at most {}",
                                                     text.size(), limits.size_bytes)};
  }
  // To the parser a NUL is the end, and what stands behind it would never be seen.
  if (const std::size_t at = text.find('\0'); at != std::string_view::npos) {
    return JsonProblem{JsonFault::kSyntax, fmt::format("byte {}: a NUL", at)};
  }
  Inspector inspector(limits.depth);
  if (nlohmann::json::sax_parse(text, &inspector)) return std::nullopt;
  return inspector.problem();
}

nlohmann::json ParseJson(std::string_view text, std::string_view name, const JsonLimits& limits) {
  if (const auto problem = InspectJson(text, limits)) {
    const bool too_large = problem->fault == JsonFault::kSize;
    throw Error(
        ExitCode::kInvalidInput,
        fmt::format("'{}' {}{}", name, too_large ? "" : "cannot be read as JSON: ", problem->what));
  }
  return nlohmann::json::parse(text);
}

void JsonValue::Fail(std::string_view what) const {
  throw Error(ExitCode::kInvalidInput,
              fmt::format("{}: {}", path_.empty() ? "the document" : path_, what));
}

JsonValue JsonValue::operator[](std::string_view key) const {
  if (!json_->is_object()) Fail(fmt::format("expected an object, found {}", json_->type_name()));
  const auto found = json_->find(std::string(key));
  if (found == json_->end()) Fail(fmt::format("the key '{}' is missing", key));
  return JsonValue(*found, path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key));
}

bool JsonValue::Has(std::string_view key) const {
  if (!json_->is_object()) Fail(fmt::format("expected an object, found {}", json_->type_name()));
  const auto found = json_->find(std::string(key));
  return found != json_->end() && !found->is_null();
}

const std::string& JsonValue::String() const {
  if (!json_->is_string()) Fail(fmt::format("expected a string, found {}", json_->type_name()));
  return json_->get_ref<const std::string&>();
}

std::string JsonValue::StringOrEmpty() const { return IsNull() ? std::string() : String(); }

bool JsonValue::Bool() const {
  if (!json_->is_boolean())
    Fail(fmt::format("expected true or false, found {}", json_->type_name()));
  return json_->get<bool>();
}

double JsonValue::Number() const {
  if (!json_->is_number()) Fail(fmt::format("expected a number, found {}", json_->type_name()));
  const double value = json_->get<double>();
  if (!std::isfinite(value)) Fail("expected a finite number");
  return value;
}

std::int64_t JsonValue::Integer(std::int64_t low, std::int64_t high) const {
  if (!json_->is_number_integer()) {
    Fail(json_->is_number() ? "expected an integer, found a fraction"
                            : fmt::format("expected an integer, found {}", json_->type_name()));
  }
  const bool too_big = json_->is_number_unsigned() &&
                       json_->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
  const std::int64_t value = too_big ? INT64_MAX : json_->get<std::int64_t>();
  if (too_big || value < low || value > high) {
    Fail(fmt::format("{} is outside {} to {}", json_->dump(), low, high));
  }
  return value;
}

std::uint64_t JsonValue::Unsigned() const {
  return static_cast<std::uint64_t>(Integer(0, std::int64_t{1} << 53));
}

const nlohmann::json& JsonValue::Object() const {
  if (!json_->is_object()) Fail(fmt::format("expected an object, found {}", json_->type_name()));
  return *json_;
}

std::vector<JsonValue> JsonValue::Items() const {
  if (!json_->is_array()) Fail(fmt::format("expected an array, found {}", json_->type_name()));
  std::vector<JsonValue> items;
  items.reserve(json_->size());
  for (std::size_t i = 0; i < json_->size(); ++i) {
    items.emplace_back((*json_)[i], fmt::format("{}[{}]", path_, i));
  }
  return items;
}

std::vector<double> JsonValue::Numbers() const {
  std::vector<double> numbers;
  for (const JsonValue& item : Items()) numbers.push_back(item.Number());
  return numbers;
}

}  // namespace inferometer
