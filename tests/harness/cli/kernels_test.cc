// `kernels` as its users see it: Google Benchmark's JSON with our counters, its flags, and
// refusals.
#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/base/file.h"
#include "tests/harness/cli/program.h"
#include "tests/harness/cli/tiny_model.h"

namespace inferometer {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class KernelsCommand : public ::testing::Test {
 protected:
  KernelsCommand() { WriteTinyModel(folder_ / "tiny.gguf"); }

  Ended Kernels(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"kernels", "--model", "tiny.gguf", "--device",
                                          "cpu:scalar"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunInferometer(arguments, folder_.path());
  }

  const TemporaryFolder folder_;
};

TEST_F(KernelsCommand, WritesGoogleBenchmarksJsonWithCounters) {
  const Ended ended =
      Kernels({"--tokens", "1,16", "--depth", "0", "--benchmark_min_time=0.001",
               "--benchmark_filter=matmul/q8_0/64x128|rope|attention", "--benchmark_out=out.json",
               "--benchmark_out_format=json", "--benchmark_repetitions=2"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("matmul/q8_0/64x128/tokens:1/cpu:scalar"));
  const json document = json::parse(ReadText(folder_ / "out.json"));
  EXPECT_EQ(document["context"]["inferometer_model"], "tiny");
  std::vector<std::string> names;
  for (const json& row : document["benchmarks"]) {
    if (row["run_type"] != "iteration") continue;
    const auto name = row["name"].get<std::string>();
    names.push_back(name);
    EXPECT_GT(row["real_time"].get<double>(), 0) << name;
    EXPECT_GT(row["iterations"].get<int>(), 0) << name;
    EXPECT_THAT(row["label"].get<std::string>(), AllOf(HasSubstr(" in turn"), HasSubstr("NMSE ")));
    if (name.find("matmul") == std::string::npos) continue;
    // The counters are those of the cost, at the rate that the time says.
    const double each_s = row["real_time"].get<double>() * 1e-9;
    ASSERT_EQ(row["time_unit"], "ns");
    const double tokens = name.find("tokens:16") == std::string::npos ? 1 : 16;
    EXPECT_NEAR(row["flop/s"].get<double>() * each_s / (tokens * 2 * 64 * 128), 1, 1e-6) << name;
    EXPECT_NEAR(row["bytes/s"].get<double>() * each_s / (64.0 * 128 / 32 * 34), 1, 1e-6) << name;
    EXPECT_GT(row.value("roofline", 1.0), 0) << name;
  }
  const auto count = [&names](const char* name) {
    return std::count(names.begin(), names.end(), std::string(name) + "/cpu:scalar/manual_time");
  };
  EXPECT_EQ(count("matmul/q8_0/64x128/tokens:1"), 2);
  EXPECT_EQ(count("matmul/q8_0/64x128/tokens:16"), 2);
  EXPECT_EQ(count("attention/f16/4x2x16/tokens:1/depth:0"), 2);
  EXPECT_EQ(count("rope/f32/4x16/tokens:1"), 2);
}

TEST_F(KernelsCommand, HoldsAPrefillAgainstTheComputeRoof) {
  const Ended ended =
      Kernels({"--tokens", "64", "--benchmark_min_time=0.001", "--benchmark_format=json",
               "--benchmark_filter=matmul/q8_0/64x64/tokens"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  const json row = json::parse(ended.out)["benchmarks"].at(0);
  EXPECT_GT(row["roofline"].get<double>(), 0);
  // Of int8, or of fp32 where that is more.
  EXPECT_THAT(row["label"].get<std::string>(), HasSubstr("_peak"));
}

TEST_F(KernelsCommand, ListsWithoutMeasuring) {
  const Ended ended = Kernels({"--list", "--tokens", "1", "--benchmark_filter=matmul"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.out,
            "matmul/q8_0/64x64/tokens:1/cpu:scalar/manual_time\n"
            "matmul/q8_0/64x32/tokens:1/cpu:scalar/manual_time\n"
            "matmul/q8_0/64x128/tokens:1/cpu:scalar/manual_time\n"
            "matmul/q8_0/128x64/tokens:1/cpu:scalar/manual_time\n"
            "matmul/q8_0/64x256/outputs:1/cpu:scalar/manual_time\n");
  const Ended theirs =
      Kernels({"--benchmark_list_tests", "--tokens", "1", "--benchmark_filter=matmul"});
  EXPECT_EQ(theirs.out, ended.out);
}

TEST_F(KernelsCommand, ListsALargeModelOfAllFormatsAtOnce) {
  const Ended ended = RunInferometer(
      {"kernels", "--model", "llama-3.1-8b", "--quant", "all", "--device", "cpu:scalar", "--list"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  for (const char* format : {"f32", "f16", "bf16", "q8_0", "q4_0", "q5_1", "q4_k", "q6_k"}) {
    EXPECT_THAT(ended.out, HasSubstr(std::string("matmul/") + format + "/4096x14336/tokens:1/"));
  }
}

TEST_F(KernelsCommand, RefusesWhatItDoesNotKnow) {
  struct Misuse {
    std::vector<std::string> arguments;
    std::vector<std::string> words;
  };
  const std::vector<Misuse> all = {
      {{"--modle", "x"}, {"'--modle'", "'--model'"}},
      {{"--backend", "cpuu"}, {"--backend", "'cpuu'", "'cpu'"}},
      {{"--kv", "q4_0"}, {"--kv", "'q4_0'", "q8_0"}},
      {{"--tokens", "0"}, {"--tokens", "'0'"}},
      {{"--depth", "-1"}, {"--depth", "'-1'"}},
      {{"--benchmark_fitler=x"}, {"'--benchmark_fitler'", "'--benchmark_filter'"}},
      {{"--benchmark_filter", "x"}, {"--benchmark_filter", "'='"}},
      {{"--benchmark_min_time=fast"}, {"--benchmark_min_time"}},
      {{"--benchmark_format=jsn"}, {"--benchmark_format", "'jsn'", "'json'"}},
      {{"--benchmark_time_unit=h"}, {"--benchmark_time_unit", "'h'"}},
      {{"--benchmark_out=missing/x.json"}, {"'missing/x.json'"}},
      {{"--benchmark_filter=nothing"}, {"--list"}},
      {{"--benchmark_filter=["}, {"--list"}}};
  for (const Misuse& misuse : all) {
    const Ended ended = Kernels(misuse.arguments);
    EXPECT_EQ(ended.code, 2) << misuse.arguments.front() << ended.err;
    EXPECT_THAT(ended.out, IsEmpty());
    for (const std::string& word : misuse.words) EXPECT_THAT(ended.err, HasSubstr(word));
  }
  const Ended device = RunInferometer({"kernels", "--device", "cpu:scalr"});
  EXPECT_EQ(device.code, 2);
  EXPECT_THAT(device.err, HasSubstr("'cpu:scalar'"));
  const Ended model = RunInferometer({"kernels", "--model", "lama-3.2-1b"});
  EXPECT_EQ(model.code, 2);
  EXPECT_THAT(model.err, HasSubstr("'llama-3.2-1b'"));
}

}  // namespace
}  // namespace inferometer
