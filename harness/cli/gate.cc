// `inferometer gate`: two stored results.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/terminal.h"
#include "harness/cli/verdict_outputs.h"
#include "harness/gate/arm_process.h"
#include "harness/gate/self_test.h"
#include "harness/gate/stored.h"

namespace inferometer {
namespace {

struct Arguments {
  std::string base, head;
  bool self_test = false;
  VerdictOutputs outputs;
};

constexpr Option<Arguments> kOptions[] = {
    {{"BASE.json", "BASE.json", "the result before the change, ours or llama-bench's", "",
      "Arguments"},
     [](Arguments& a, const Given& g) { a.base = g.value; }},
    {{"HEAD.json", "HEAD.json", "the result with the change", "", "Arguments"},
     [](Arguments& a, const Given& g) { a.head = g.value; }},
    {{"--self-test", "",
      "give the gate no change and twice its thresholds, of BASE.json or of made-up numbers", "",
      "Gate"},
     [](Arguments& a, const Given&) { a.self_test = true; }},
};

Result Read(const std::string& path) { return ParseArm(ReadText(path), path); }

int SelfTest(const Arguments& arguments, const Policy& policy) {
  const Result subject = arguments.base.empty() ? MadeUpResult() : Read(arguments.base);
  const SelfTestAnswer answer = TestGate(subject, policy);
  PrintOut(answer.text);
  return static_cast<int>(answer.code);
}

int Gate(const Arguments& arguments) {
  const Policy policy = arguments.outputs.ReadPolicy();
  if (arguments.self_test) return SelfTest(arguments, policy);
  if (arguments.base.empty() || arguments.head.empty()) {
    throw Error(ExitCode::kUsage, "gate takes two results: inferometer gate BASE.json HEAD.json");
  }
  arguments.outputs.Check();
  try {
    const Result base = Read(arguments.base), head = Read(arguments.head);
    return arguments.outputs.Write(CompareStored(base, head, policy), policy);
  } catch (const Error& error) {
    arguments.outputs.WriteFailure(error.what());
    throw;
  }
}

}  // namespace

Action AddGate(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  AddOptions<Arguments>(app, kOptions, *arguments);
  arguments->outputs.AddOptions(app);
  return [arguments] { return Gate(*arguments); };
}

}  // namespace inferometer
