// Checks a device's kernels on small cases, and remembers what came of it.
#include "harness/runner/kernel_choice.h"

#include <fmt/format.h>

#include <exception>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <system_error>
#include <utility>
#include <variant>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "harness/base/sha256.h"
#include "harness/runner/conformance.h"
#include "harness/runner/tool.h"
#include "results/json.h"

namespace inferometer {
namespace {

constexpr double kMost_s = 2;
constexpr std::size_t kMostSteps = 16;

// An op's kind and the format of what it reads.
using Kind = std::pair<std::size_t, std::string>;

Kind KindOf(const Op& op) {
  const auto format = std::visit(
      [](const auto& o) -> std::string {
        if constexpr (requires { o.format; }) return std::string(FormatOf(o.format).name);
        return "";
      },
      op);
  return {op.index(), format};
}

// What fails first; `cases` counts those that were run, `all` tells whether that was all of them.
std::string FirstWrong(Device& device, const std::vector<OpCase>& cases,
                       const std::function<double()>& now, int& run, bool& all) {
  const std::unique_ptr<Device> reference = OpenReference();
  const double start_s = now();
  run = 0;
  all = true;
  for (const OpCase& c : cases) {
    if (now() - start_s > kMost_s) {
      all = false;
      return "";
    }
    try {
      const CaseResult result = RunCase(device, *reference, c);
      if (!result.why_not.empty()) continue;  // becomes a row
      ++run;
      if (!result.Pass()) {
        return fmt::format("{}: NMSE {:.1e}, at most {:.1e} was expected", c.name, result.nmse,
                           result.limit);
      }
    } catch (const std::exception& error) {
      return fmt::format("{}: {}", c.name, error.what());
    }
  }
  return "";
}

std::filesystem::path FileOf(const Device& device, const std::set<Kind>& kinds,
                             const std::filesystem::path& folder) {
  const DeviceInfo& info = device.Info();
  std::string key = fmt::format("{}\n{}\n{}\n{}\n{}", info.id, info.name, info.driver, info.kernels,
                                DescribeTool().dump());
  for (const auto& [index, format] : kinds) key += fmt::format("\n{} {}", index, format);
  return folder / fmt::format("kernels-{}.json", Sha256Hex(key).substr(0, 32));
}

// What an earlier run found; none when the file is missing or not whole.
std::optional<KernelChoice> ReadChoice(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return std::nullopt;
  try {
    const JsonLimits limits{.size_bytes = 1 << 16, .depth = 4};
    const nlohmann::json document = ParseJson(ReadText(file.string()), file.string(), limits);
    const JsonValue json(document);
    KernelChoice choice;
    choice.wrong = json["wrong"].String();
    for (const JsonValue& word : json["without"].Items()) choice.without.push_back(word.String());
    if (choice.without.size() > kMostSteps) return std::nullopt;
    return choice;
  } catch (const Error&) {
    return std::nullopt;
  }
}

void WriteChoice(const KernelChoice& choice, const std::filesystem::path& file) {
  try {
    std::error_code error;
    std::filesystem::create_directories(file.parent_path(), error);
    AtomicFile out(file.string());
    out.Write(nlohmann::json{{"wrong", choice.wrong}, {"without", choice.without}}.dump());
    out.Commit();
  } catch (const Error&) {
    // It only costs the next run the check.
  }
}

}  // namespace

KernelChoice ChooseKernels(Device& device, std::span<const Op> ops,
                           const std::filesystem::path& folder,
                           const std::function<double()>& now) {
  std::set<Kind> kinds;
  for (const Op& op : ops) kinds.insert(KindOf(op));
  std::filesystem::path file;
  if (!folder.empty()) {
    file = FileOf(device, kinds, folder);
    if (std::optional<KernelChoice> known = ReadChoice(file)) {
      Repeat(*known, device);
      return *std::move(known);
    }
  }
  std::vector<OpCase> cases;
  for (OpCase& c : ConformanceCases()) {
    if (c.quick && kinds.contains(KindOf(c.op))) cases.push_back(std::move(c));
  }
  KernelChoice choice;
  for (;;) {
    bool all = true;
    const std::string wrong = FirstWrong(device, cases, now, choice.cases, all);
    if (choice.wrong.empty()) choice.wrong = wrong;
    if (wrong.empty()) {
      // What nobody had time for is checked again next time.
      if (all && !file.empty()) WriteChoice(choice, file);
      return choice;
    }
    const std::string word =
        choice.without.size() < kMostSteps ? device.BeMoreCareful() : std::string();
    if (word.empty()) return choice;
    choice.without.push_back(word);
  }
}

void Repeat(const KernelChoice& choice, Device& device) {
  for (std::size_t i = 0; i < choice.without.size(); ++i) device.BeMoreCareful();
}

}  // namespace inferometer
