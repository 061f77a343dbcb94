// `model`, `eval`, `list`, `probe` and `verify` on small input.
#include <gmock/gmock.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/base/file.h"
#include "models/cost.h"
#include "models/plan.h"
#include "tests/harness/cli/program.h"
#include "tests/harness/cli/tiny_model.h"

namespace inferometer {
namespace {

using nlohmann::json;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class TinyModel : public ::testing::Test {
 protected:
  TinyModel() { WriteTinyModel(folder_ / "tiny.gguf"); }
  const TemporaryFolder folder_;
};

TEST(ModelMake, GivesTheSameBytesAgain) {
  const TemporaryFolder folder;
  for (const std::string name : {"a.gguf", "b.gguf"}) {
    const Ended ended = RunInferometer(
        {"model", "make", "--model", "smollm2-135m", "--quant", "q4_0", "-o", name}, folder.path());
    ASSERT_EQ(ended.code, 0) << ended.err;
    EXPECT_THAT(ended.out, IsEmpty());
  }
  EXPECT_TRUE(ReadText(folder / "a.gguf") == ReadText(folder / "b.gguf"));
  EXPECT_THAT(folder.Names(), ElementsAre("a.gguf", "b.gguf"));
}

TEST(ModelMake, InterruptedLeavesNothing) {
  const TemporaryFolder folder;
  Program program({"model", "make", "--model", "llama-3.2-1b", "--quant", "f32", "-o", "m.gguf"},
                  folder.path());
  while (folder.Names().empty()) {  // the unfinished file beside the one that is to be
  }
  program.Kill(SIGINT);
  const Ended ended = program.Wait();
  EXPECT_THAT(ended, ::testing::AnyOf(::testing::Field(&Ended::code, 128 + SIGINT),
                                      ::testing::Field(&Ended::signal, SIGINT)));
  EXPECT_THAT(folder.Names(), IsEmpty());
}

TEST_F(TinyModel, IsInspected) {
  const Ended ended = RunInferometer({"model", "inspect", "tiny.gguf", "--json"}, folder_.path());
  ASSERT_EQ(ended.code, 0) << ended.err;
  const json document = json::parse(ended.out);
  const Model model = OpenModel(folder_ / "tiny.gguf");
  EXPECT_EQ(document["shape"]["layers"], 2);
  EXPECT_EQ(document["shape"]["vocab"], kTinyVocab);
  EXPECT_EQ(document["bytes"], model.bytes);
  std::uint64_t bytes = 0;
  for (const json& format : document["formats"]) bytes += format["bytes"].get<std::uint64_t>();
  EXPECT_EQ(bytes, model.bytes);
  // Keys and values, 2 layers of 2 heads of 16 values of 2 bytes.
  EXPECT_EQ(document["kv_bytes_per_token"], 2 * 2 * 2 * 16 * 2);
  const PlanLimits limits{.positions = 1, .step_tokens = 1};
  const TokenAt token{0, 0, 0, true};
  EXPECT_EQ(document["decode"][0]["bytes"],
            CostOf(BuildPlan(model, limits).ops, Step{{&token, 1}}).bytes);
  const Ended text = RunInferometer({"model", "inspect", "tiny.gguf"}, folder_.path());
  EXPECT_EQ(text.code, 0);
  EXPECT_THAT(text.out, HasSubstr("q8_0"));
}

TEST_F(TinyModel, IsHashed) {
  const Ended ended = RunInferometer({"model", "hash", "tiny.gguf"}, folder_.path());
  EXPECT_EQ(ended.out, HashModel(OpenModel(folder_ / "tiny.gguf")) + "  tiny.gguf\n");
}

TEST_F(TinyModel, IsEvaluatedOnTheReference) {
  const Ended ended = RunInferometer({"eval", "--model", "tiny.gguf", "--tokens", "1,2,3",
                                      "--device", "reference", "--greedy", "4", "--json", "-"},
                                     folder_.path());
  ASSERT_EQ(ended.code, 0) << ended.err;
  const json document = json::parse(ended.out);
  ASSERT_EQ(document["logits"].size(), kTinyVocab);
  ASSERT_EQ(document["greedy"].size(), 4u);
  const auto logits = document["logits"].get<std::vector<float>>();
  EXPECT_EQ(document["greedy"][0], std::max_element(logits.begin(), logits.end()) - logits.begin());
  // The continuation of a continuation is its rest.
  const std::string longer = "1,2,3," + document["greedy"][0].dump();
  const Ended rest = RunInferometer({"eval", "--model", "tiny.gguf", "--tokens", longer, "--device",
                                     "reference", "--greedy", "3", "--json", "rest.json"},
                                    folder_.path());
  ASSERT_EQ(rest.code, 0) << rest.err;
  EXPECT_THAT(rest.out, IsEmpty());
  const json after = json::parse(ReadText(folder_ / "rest.json"));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(after["greedy"][i], document["greedy"][i + 1]);
}

TEST_F(TinyModel, EndsAtItsContext) {
  std::string tokens = "1";
  for (std::int64_t i = 0; i < kTinyContext; ++i) tokens += ",1";
  const Ended ended =
      RunInferometer({"eval", "--model", "tiny.gguf", "--tokens", tokens, "--device", "reference"},
                     folder_.path());
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.err, HasSubstr("4097"));
}

TEST(NotEnoughMemory, IsSaidWithBothFigures) {
  // 30 billion weights of 4 bytes.
  const std::string text = ReadText("/proc/meminfo");
  const std::uint64_t total_kib = std::stoull(text.substr(text.find_first_of("0123456789")));
  if (total_kib > 110u << 20) GTEST_SKIP() << "this machine could hold the largest model";
  for (const std::string command : {"run", "eval"}) {
    std::vector<std::string> arguments = {command, "--model", "qwen3-30b-a3b", "--quant", "f32"};
    if (command == "eval") arguments.insert(arguments.end(), {"--tokens", "1"});
    const Ended ended = RunInferometer(arguments);
    EXPECT_NE(ended.code, 0);
    EXPECT_THAT(ended.err, ContainsRegex("needs [0-9.]+ GiB.* [0-9.]+ GiB"));
  }
}

class Lists : public ::testing::TestWithParam<std::string> {};

TEST_P(Lists, AreTextAndJson) {
  const Ended text = RunInferometer({"list", GetParam()});
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_THAT(text.err, IsEmpty());
  const Ended machine = RunInferometer({"list", GetParam(), "--json"});
  EXPECT_EQ(machine.code, 0) << machine.err;
  const json document = json::parse(machine.out);
  ASSERT_TRUE(document.is_array());
  EXPECT_FALSE(document.empty());
  for (const json& row : document) {
    const std::string key = GetParam() == "devices" ? "id" : "name";
    if (!row[key].is_string()) continue;
    EXPECT_THAT(text.out, HasSubstr(row[key].get<std::string>()));
  }
}

INSTANTIATE_TEST_SUITE_P(Subjects, Lists,
                         ::testing::Values("models", "quants", "workloads", "metrics", "devices",
                                           "presets"));

TEST(List, HasMetricsAsMarkdown) {
  const Ended ended = RunInferometer({"list", "metrics", "--markdown"});
  EXPECT_EQ(ended.code, 0);
  EXPECT_THAT(ended.out, HasSubstr("| `decode_rate`"));
}

TEST(Probe, TellsTheSameInTextAndJson) {
  const Ended text = RunInferometer({"probe"});
  EXPECT_EQ(text.code, 0) << text.err;
  const Ended machine = RunInferometer({"probe", "--json"});
  EXPECT_EQ(machine.code, 0);
  const json document = json::parse(machine.out);
  EXPECT_TRUE(document["device"].contains("cpu"));
  for (const auto& [probe, facts] : document["facts"].items()) {
    EXPECT_THAT(text.out, HasSubstr(probe));
    for (const json& fact : facts) EXPECT_TRUE(!fact["value"].is_null() || fact.contains("reason"));
  }
}

TEST(Verify, HoldsADeviceAgainstTheReference) {
  const Ended ended = RunInferometer(
      {"verify", "--quick", "--device", "cpu:scalar", "--progress", "none", "--json"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.err, IsEmpty());
  const json document = json::parse(ended.out);
  EXPECT_EQ(document["pass"], true);
  int ops = 0, models = 0;
  for (const json& row : document["rows"]) {
    EXPECT_EQ(row["device"], "cpu:scalar");
    if (row["cases"] == 0) continue;
    EXPECT_LE(row["worst_nmse"].get<double>(), row["limit"].get<double>()) << row;
    ++(row.contains("greedy_match") ? models : ops);
  }
  EXPECT_GE(ops, 30);
  EXPECT_GE(models, 10);  // five families and features in two quants
}

}  // namespace
}  // namespace inferometer
