// The names and sizes of GGUF's types, and its values as text for messages.
#include "models/gguf/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace inferometer {
namespace {

struct TypeRow {
  std::string_view name;
  std::uint64_t size;
};

// In the order of GgufType.
constexpr std::array<TypeRow, 13> kTypes = {{{"uint8", 1},
                                             {"int8", 1},
                                             {"uint16", 2},
                                             {"int16", 2},
                                             {"uint32", 4},
                                             {"int32", 4},
                                             {"float32", 4},
                                             {"bool", 1},
                                             {"string", 8},
                                             {"array", 0},
                                             {"uint64", 8},
                                             {"int64", 8},
                                             {"float64", 8}}};

struct GgmlTypeRow {
  std::uint32_t type;
  std::string_view name;
};

// enum ggml_type of ggml.h, those that have no row in Formats().
constexpr GgmlTypeRow kOtherGgmlTypes[] = {
    {9, "q8_1"},    {10, "q2_k"},    {11, "q3_k"},  {15, "q8_k"},  {16, "iq2_xxs"},
    {17, "iq2_xs"}, {18, "iq3_xxs"}, {19, "iq1_s"}, {21, "iq3_s"}, {22, "iq2_s"},
    {23, "iq4_xs"}, {24, "i8"},      {25, "i16"},   {26, "i32"},   {27, "i64"},
    {28, "f64"},    {29, "iq1_m"},   {34, "tq1_0"}, {35, "tq2_0"},
};

// enum llama_ftype of llama.h.
struct FileTypeRow {
  std::uint32_t file_type;
  std::string_view name;
};
constexpr FileTypeRow kFileTypes[] = {
    {0, "f32"},     {1, "f16"},   {2, "q4_0"},    {3, "q4_1"},    {7, "q8_0"},
    {8, "q5_0"},    {9, "q5_1"},  {14, "q4_k_s"}, {15, "q4_k_m"}, {16, "q5_k_s"},
    {17, "q5_k_m"}, {18, "q6_k"}, {25, "iq4_nl"}, {32, "bf16"},
};

}  // namespace

std::uint64_t SizeOf(GgufType type) {
  const auto index = static_cast<std::size_t>(type);
  return index < kTypes.size() ? kTypes[index].size : 0;
}

std::string NameOf(GgufType type) {
  const auto index = static_cast<std::size_t>(type);
  return index < kTypes.size() ? std::string(kTypes[index].name) : fmt::format("type {}", index);
}

std::string NameOfGgmlType(std::uint32_t type) {
  const auto* row = std::find_if(std::begin(kOtherGgmlTypes), std::end(kOtherGgmlTypes),
                                 [type](const GgmlTypeRow& r) { return r.type == type; });
  return row == std::end(kOtherGgmlTypes) ? std::string() : fmt::format(" ({})", row->name);
}

std::string_view NameOfFileType(std::uint64_t file_type) {
  const auto* row = std::find_if(std::begin(kFileTypes), std::end(kFileTypes),
                                 [=](const FileTypeRow& r) { return r.file_type == file_type; });
  return row == std::end(kFileTypes) ? std::string_view() : row->name;
}

std::optional<std::uint32_t> FileTypeOf(std::string_view name) {
  const auto* row = std::find_if(std::begin(kFileTypes), std::end(kFileTypes),
                                 [=](const FileTypeRow& r) { return r.name == name; });
  if (row == std::end(kFileTypes)) return std::nullopt;
  return row->file_type;
}

std::string Quoted(std::string_view text) {
  constexpr std::size_t kMost = 64;
  std::string quoted = "'";
  for (const char c : text.substr(0, kMost)) {
    if (c >= ' ' && c <= '~') {
      quoted += c;
    } else {
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  quoted += text.size() > kMost ? "...'" : "'";
  return quoted;
}

std::string ValueText(const GgufKey& key) {
  struct Visitor {
    std::string operator()(std::uint64_t v) const { return fmt::format("{}", v); }
    std::string operator()(std::int64_t v) const { return fmt::format("{}", v); }
    std::string operator()(double v) const { return fmt::format("{}", v); }
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(std::string_view v) const { return Quoted(v); }
    std::string operator()(const GgufArray& v) const {
      return fmt::format("of {} {}", v.count, NameOf(v.type));
    }
  };
  return fmt::format("{} {}", NameOf(key.type), std::visit(Visitor{}, key.value));
}

}  // namespace inferometer
