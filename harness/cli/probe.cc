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

std::string ValueText(const Fact& fact) {
  if (fact.value.is_null()) return "not readable: " + fact.reason;
  const std::string value =
      fact.value.is_string()
          ? fact.value.get<std::string>()
          : fact.value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return fact.unit.empty() ? value : value + " " + fact.unit;
}

void PrintText() {
  std::string out;
  for (const Probe& probe : Probes()) {
    Table table{{{std::string(probe.name)}, {"value"}, {"source"}}, {}};
    for (const Fact& fact : probe.read({})) {
      table.rows.push_back({Printable(fact.key), Printable(ValueText(fact)), fact.source});
    }
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
