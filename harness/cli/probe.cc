// `inferometer probe`: what this device is.
#include "probes/probe.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/base/error.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/table.h"
#include "harness/cli/terminal.h"

namespace inferometer {
namespace {

struct Arguments {
  bool json = false;
};

constexpr Option<Arguments> kOptions[] = {
    {{"--json", "", "the result's `device` object and every fact with its source", "", "Options"},
     [](Arguments& a, const Given&) { a.json = true; }},
};

// "level 1, size_bytes 32768": no brackets and quotes, for people.
std::string Plain(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return "unknown";
  if (!value.is_structured()) return value.dump();
  std::string text;
  for (const auto& [key, part] : value.items()) {
    if (!text.empty()) text += ", ";
    text += value.is_object() ? key + " " + Plain(part) : Plain(part);
  }
  return text.empty() ? "none" : text;
}

void AddRows(const Fact& fact, Table& table) {
  if (fact.value.is_null()) {
    table.rows.push_back({Printable(fact.key), Printable("not readable: " + fact.reason)});
  } else if (fact.value.is_array() && !fact.value.empty() && fact.value.front().is_object()) {
    for (std::size_t i = 0; i < fact.value.size(); ++i) {  // a row for each cache, node ...
      table.rows.push_back(
          {Printable(fmt::format("{}[{}]", fact.key, i)), Printable(Plain(fact.value[i]))});
    }
  } else {
    const std::string unit = fact.unit.empty() ? "" : " " + fact.unit;
    table.rows.push_back({Printable(fact.key), Printable(Plain(fact.value) + unit)});
  }
}

void PrintText() {
  std::string out;
  for (const Probe& probe : Probes()) {
    Table table{{{fmt::format("[{}]", probe.name)}, {std::string(probe.help)}}, {}};
    for (const Fact& fact : probe.read({})) AddRows(fact, table);
    out += (out.empty() ? "" : "\n") + AlignedText(table);
  }
  PrintOut(out);
}

void PrintJson() {
  nlohmann::json facts = nlohmann::json::object();
  for (const Probe& probe : Probes()) {
    nlohmann::json& list = facts[std::string(probe.name)] = nlohmann::json::array();
    for (const Fact& fact : probe.read({})) {
      nlohmann::json row = {{"key", fact.key}, {"value", fact.value}, {"source", fact.source}};
      if (!fact.unit.empty()) row["unit"] = fact.unit;
      if (fact.value.is_null()) row["reason"] = fact.reason;
      list.push_back(std::move(row));
    }
  }
  const nlohmann::json document = {{"device", DescribeDevice()}, {"facts", std::move(facts)}};
  PrintOut(document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

}  // namespace

Action AddProbe(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  AddOptions<Arguments>(app, kOptions, *arguments);
  return [arguments] {
    arguments->json ? PrintJson() : PrintText();
    return static_cast<int>(ExitCode::kOk);
  };
}

}  // namespace inferometer
