// `ceilings` as its users see it.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "results/validate_schema.h"
#include "tests/harness/cli/program.h"

namespace inferometer {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

TEST(CeilingsCommand, WritesAValidResultWithoutRows) {
  const Ended ended = RunInferometer({"ceilings", "--device", "cpu:scalar", "--threads", "1",
                                      "--progress", "none", "--json", "-"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  const json document = json::parse(ended.out, nullptr, false);
  ASSERT_FALSE(document.is_discarded()) << ended.out.substr(0, 300);
  const auto findings = ValidateSchema(document);
  EXPECT_TRUE(findings.empty()) << Describe(findings);
  EXPECT_EQ(document["records"].size(), 0u);
  EXPECT_EQ(document["run"]["preset"], "ceilings");
  EXPECT_EQ(document["run"]["complete"], true);
  std::set<std::string> metrics;
  for (const json& ceiling : document["ceilings"]) {
    metrics.insert(ceiling["metric"]);
    EXPECT_GT(ceiling["value"], 0) << ceiling["metric"];
    EXPECT_FALSE(ceiling["samples"].empty()) << ceiling["metric"];
  }
  EXPECT_THAT(metrics, IsSupersetOf({"read_bandwidth", "read_bandwidth_plain", "copy_bandwidth",
                                     "triad_bandwidth", "fp32_peak", "int8_peak", "core_clock",
                                     "barrier_latency", "timer_step", "timer_overhead"}));
  // A kernel set without fp16 says so.
  EXPECT_THAT(document["run"]["unsupported_ceilings"]["cpu:scalar"].dump(),
              HasSubstr("fp16_peak: scalar has no fp16 arithmetic"));
}

TEST(CeilingsCommand, AnUnknownDeviceIsNamed) {
  const Ended ended = RunInferometer({"ceilings", "--device", "cpu:scalr"});
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.err, HasSubstr("did you mean 'cpu:scalar'"));
}

}  // namespace
}  // namespace inferometer
