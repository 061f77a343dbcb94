// `inferometer verify`: every device against the reference, op by op and over whole models.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "backends/device.h"
#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/random.h"
#include "harness/cli/commands.h"
#include "harness/cli/names.h"
#include "harness/cli/options.h"
#include "harness/cli/progress.h"
#include "harness/cli/table.h"
#include "harness/cli/terminal.h"
#include "harness/cli/verify_shapes.h"
#include "harness/runner/conformance.h"
#include "models/quant/mixture.h"

namespace inferometer {
namespace {

constexpr std::size_t kPromptTokens = 37;  // no multiple of any tile
constexpr int kGreedyTokens = 16;

struct Arguments {
  std::vector<std::string> devices;
  bool quick = false, json = false;
  int threads = 0;
  std::string progress = "auto";
};

constexpr Option<Arguments> kOptions[] = {
    {{"--device", "ID", "a device as 'list devices' names it; may be repeated", "all",
      "What to verify", true},
     [](Arguments& a, const Given& g) { a.devices.push_back(g.value); }},
    {{"--quick", "", "a few cases of each op, two quants of each model", "", "What to verify"},
     [](Arguments& a, const Given&) { a.quick = true; }},
    {{"--threads", "N", "CPU threads that compute", "one per physical core", "How to verify"},
     [](Arguments& a, const Given& g) { a.threads = static_cast<int>(WholeNumber(g, 1, 4096)); }},
    {{"--json", "", "as JSON", "", "How to verify"},
     [](Arguments& a, const Given&) { a.json = true; }},
    {{"--progress", "STYLE", "auto, plain or none; auto is a live line on a terminal", "auto",
      "How to verify"},
     [](Arguments& a, const Given& g) {
       a.progress = KnownName(g, "style", {"auto", "plain", "none"});
     }},
};

// All cases of one op in one format, or of one model in one quant, on one device.
struct Row {
  std::string device, subject, format;
  int cases = 0, failed = 0, unsupported = 0;
  double worst = 0, limit = 0;      // NMSE, of the case that comes nearest to its limit or beyond
  std::optional<int> greedy_match;  // of kGreedyTokens; models only
  std::string first_failure;        // what failed and how
};

double Share(double nmse, double limit) {
  return limit > 0 ? nmse / limit : (nmse > 0 ? HUGE_VAL : 0);
}

void Count(Row& row, double nmse, double limit) {
  if (row.cases++ == 0 || Share(nmse, limit) > Share(row.worst, row.limit)) {
    row.worst = nmse;
    row.limit = limit;
  }
}

void Fail(Row& row, const std::string& why) {
  ++row.failed;
  if (row.first_failure.empty()) row.first_failure = why;
}

std::string FormatOfOp(const Op& op) {
  return std::visit(
      [](const auto& o) {
        if constexpr (requires { o.format; }) {
          return std::string(FormatOf(o.format).name);
        } else {
          return std::string("f32");
        }
      },
      op);
}

class Verification {
 public:
  Verification(const Arguments& arguments, ProgressDisplay& display)
      : arguments_(arguments), display_(display), reference_(OpenReference()) {
    for (OpCase& c : ConformanceCases()) {
      if (c.quick || !arguments.quick) cases_.push_back(std::move(c));
    }
    quants_ = arguments.quick ? std::vector<std::string>{"q8_0", "q4_k_m"} : QuantNames();
  }

  const std::vector<Row>& rows() const { return rows_; }

  void Ops(Device& device) {
    std::map<std::pair<std::string, std::string>, Row> rows;
    int done = 0;
    for (const OpCase& c : cases_) {
      const std::string op(NameOf(c.op)), format = FormatOfOp(c.op);
      Say(device, "ops", op + " " + format, ++done, static_cast<int>(cases_.size()));
      Row& row = rows[{op, format}];
      row.device = device.Info().id;
      row.subject = op;
      row.format = format;
      try {
        const CaseResult result = RunCase(device, *reference_, c);
        if (!result.why_not.empty()) {
          ++row.unsupported;
          continue;
        }
        Count(row, result.nmse, result.limit);
        if (!result.Pass()) {
          Fail(row,
               fmt::format("{}: NMSE {:.2e}, limit {:.2e}", c.name, result.nmse, result.limit));
        }
      } catch (const Error& error) {  // a row of its own, as in a run: the others go on
        ++row.cases;
        Fail(row, fmt::format("{}: {}", c.name, error.what()));
      }
    }
    for (auto& [key, row] : rows) rows_.push_back(std::move(row));
  }

  // The devices come one after the other over each model, since they share the reference's pass.
  void Models(const std::vector<Device*>& devices) {
    const std::vector<ModelShape> shapes = VerifyShapes();
    int done = 0;
    for (const ModelShape& shape : shapes) {
      Random random(1);
      std::vector<std::int32_t> prompt(kPromptTokens);
      for (std::int32_t& id : prompt) {
        id = static_cast<std::int32_t>(random.Below(static_cast<std::uint64_t>(shape.vocab)));
      }
      for (const std::string& quant : quants_) {
        const Model model = SynthesizeModel(shape, quant, 1);
        ModelOracle oracle(model);
        ++done;
        for (Device* device : devices) {
          Say(*device, "models", shape.name + " " + quant, done,
              static_cast<int>(shapes.size() * quants_.size()));
          rows_.push_back(ModelRow(*device, oracle, prompt));
        }
      }
    }
  }

 private:
  static Row ModelRow(Device& device, ModelOracle& oracle,
                      const std::vector<std::int32_t>& prompt) {
    Row row;
    row.device = device.Info().id;
    row.subject = oracle.model().shape.name;
    row.format = oracle.model().quant;
    try {
      const ModelResult result = VerifyModel(device, oracle, prompt, kGreedyTokens);
      Count(row, result.conformance.nmse, result.conformance.limit);
      row.greedy_match = result.conformance.greedy_match;
      if (!result.conformance.pass) {
        Fail(row, fmt::format("{} {}: {}", row.subject, row.format, result.why_failed));
      }
    } catch (const Error& error) {
      ++row.cases;
      Fail(row, fmt::format("{} {}: {}", row.subject, row.format, error.what()));
    }
    return row;
  }

  void Say(const Device& device, const char* phase, const std::string& what, int done, int total) {
    Progress progress;
    progress.phase = "verify";
    progress.what = arguments_.progress == "plain" || !DescribeTerminal(STDERR_FILENO).live
                        ? fmt::format("{} on {}", phase, device.Info().id)
                        : fmt::format("{} on {}", what, device.Info().id);
    progress.done = done;
    progress.total = total;
    display_.Show(progress, NowSeconds());
  }

  const Arguments& arguments_;
  ProgressDisplay& display_;
  std::unique_ptr<Device> reference_;
  std::vector<OpCase> cases_;
  std::vector<std::string> quants_;
  std::vector<Row> rows_;
};

std::string VerdictOf(const Row& row) {
  if (row.failed > 0) return fmt::format("FAILED {} of {}", row.failed, row.cases);
  return row.cases == 0 ? "unsupported" : "ok";
}

void PrintText(const std::vector<Row>& rows) {
  Table table{{{"device"},
               {"op or model"},
               {"format"},
               {"cases", true},
               {"worst NMSE", true},
               {"limit", true},
               {"greedy", true},
               {"verdict"}},
              {}};
  std::string failures;
  for (const Row& row : rows) {
    const bool measured = row.cases > 0;
    table.rows.push_back(
        {row.device, row.subject, row.format, std::to_string(row.cases),
         measured ? fmt::format("{:.1e}", row.worst) : "-",
         measured ? fmt::format("{:.1e}", row.limit) : "-",
         row.greedy_match ? fmt::format("{}/{}", *row.greedy_match, kGreedyTokens) : "-",
         VerdictOf(row)});
    if (row.failed > 0) failures += fmt::format("{}: {}\n", row.device, row.first_failure);
  }
  PrintOut(AlignedText(table) + (failures.empty() ? "" : "\nFirst failures\n" + failures));
}

void PrintJson(const std::vector<Row>& rows, bool pass) {
  nlohmann::json list = nlohmann::json::array();
  // Infinity, of a value that is not finite, has no JSON: null, and the failure says so in words.
  const auto figure = [](bool measured, double value) {
    return measured && std::isfinite(value) ? nlohmann::json(value) : nlohmann::json();
  };
  for (const Row& row : rows) {
    nlohmann::json object = {{"device", row.device},
                             {"subject", row.subject},
                             {"format", row.format},
                             {"cases", row.cases},
                             {"failed", row.failed},
                             {"unsupported", row.unsupported},
                             {"worst_nmse", figure(row.cases > 0, row.worst)},
                             {"limit", figure(row.cases > 0, row.limit)},
                             {"verdict", VerdictOf(row)}};
    if (row.greedy_match) {
      object["greedy_match"] = *row.greedy_match;
      object["greedy_total"] = kGreedyTokens;
    }
    if (row.failed > 0) object["first_failure"] = row.first_failure;
    list.push_back(std::move(object));
  }
  const nlohmann::json document = {{"pass", pass}, {"rows", list}};
  PrintOut(document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

int Verify(const Arguments& arguments) {
  const OpenedDevices opened = OpenDevices(arguments.devices, arguments.threads);
  const Terminal terminal = DescribeTerminal(STDERR_FILENO);
  ProgressDisplay display(
      ProgressStyleOf(arguments.progress, terminal), terminal.color,
      [] { return DescribeTerminal(STDERR_FILENO).width; }, PrintErr);
  Verification verification(arguments, display);
  for (Device* device : opened.chosen) verification.Ops(*device);
  verification.Models(opened.chosen);
  display.Clear();
  const std::vector<Row>& rows = verification.rows();
  const bool pass =
      std::none_of(rows.begin(), rows.end(), [](const Row& row) { return row.failed > 0; });
  arguments.json ? PrintJson(rows, pass) : PrintText(rows);
  return static_cast<int>(pass ? ExitCode::kOk : ExitCode::kRowsFailed);
}

}  // namespace

Action AddVerify(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  AddOptions<Arguments>(app, kOptions, *arguments);
  return [arguments] { return Verify(*arguments); };
}

}  // namespace inferometer
