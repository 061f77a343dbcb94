// Typed access to the keys of a GGUF file, with ranges.
#include "models/gguf/keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "harness/base/error.h"
#include "models/gguf/names.h"

namespace inferometer {
namespace {

template <typename T>
const T* FindByName(const std::vector<T>& items, std::string_view name) {
  const auto found =
      std::find_if(items.begin(), items.end(), [name](const T& t) { return t.name == name; });
  return found == items.end() ? nullptr : &*found;
}

[[noreturn]] void FailOn(const GgufKey& key, const std::string& expected) {
  throw Error(ExitCode::kInvalidInput,
              fmt::format("key '{}' at byte {} is {}, expected {}; convert the model anew",
                          key.name, key.offset, ValueText(key), expected));
}

template <typename T>
T Present(const std::optional<T>& value, std::string_view name) {
  if (value.has_value()) return *value;
  throw Error(ExitCode::kInvalidInput,
              fmt::format("key '{}' is missing, without which the model cannot be computed; "
                          "convert the model anew",
                          name));
}

}  // namespace

const GgufKey* FindKey(const GgufFile& file, std::string_view name) {
  return FindByName(file.keys, name);
}

const GgufTensor* FindTensor(const GgufFile& file, std::string_view name) {
  return FindByName(file.tensors, name);
}

std::optional<std::int64_t> OptionalInt(const GgufFile& file, std::string_view name,
                                        std::int64_t least, std::int64_t most) {
  const GgufKey* key = FindKey(file, name);
  if (key == nullptr) return std::nullopt;
  const std::string expected = fmt::format("an integer from {} to {}", least, most);
  std::int64_t value = 0;
  if (const auto* u = std::get_if<std::uint64_t>(&key->value)) {
    if (*u > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      FailOn(*key, expected);
    }
    value = static_cast<std::int64_t>(*u);
  } else if (const auto* i = std::get_if<std::int64_t>(&key->value)) {
    value = *i;
  } else {
    FailOn(*key, expected);
  }
  if (value < least || value > most) FailOn(*key, expected);
  return value;
}

std::int64_t RequiredInt(const GgufFile& file, std::string_view name, std::int64_t least,
                         std::int64_t most) {
  return Present(OptionalInt(file, name, least, most), name);
}

std::optional<double> OptionalFloat(const GgufFile& file, std::string_view name, double least,
                                    double most) {
  const GgufKey* key = FindKey(file, name);
  if (key == nullptr) return std::nullopt;
  const auto* value = std::get_if<double>(&key->value);
  if (value == nullptr || !std::isfinite(*value) || *value < least || *value > most) {
    FailOn(*key, fmt::format("a float from {} to {}", least, most));
  }
  return *value;
}

double RequiredFloat(const GgufFile& file, std::string_view name, double least, double most) {
  return Present(OptionalFloat(file, name, least, most), name);
}

std::optional<std::string_view> OptionalString(const GgufFile& file, std::string_view name) {
  const GgufKey* key = FindKey(file, name);
  if (key == nullptr) return std::nullopt;
  const auto* value = std::get_if<std::string_view>(&key->value);
  if (value == nullptr) FailOn(*key, "a string");
  return *value;
}

std::string_view RequiredString(const GgufFile& file, std::string_view name) {
  return Present(OptionalString(file, name), name);
}

}  // namespace inferometer
