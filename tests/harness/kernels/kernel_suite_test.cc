// The suite around Google Benchmark: what does not conform, or is not supported, is never timed.
#include "harness/kernels/kernel_suite.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/file.h"
#include "tests/backends/conformance/broken_device.h"
#include "tests/models/tiny_shapes.h"

namespace inferometer {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// A device that computes wrong products, has no attention, and counts how often it ran a product.
class Partial : public BrokenDevice {
 public:
  explicit Partial(int& products)
      : BrokenDevice({.name = "wrong", .after = [&products](const Op& op, Device& device) {
                        const auto* matmul = std::get_if<MatMul>(&op);
                        if (matmul == nullptr) return;
                        ++products;
                        const std::vector<float> wrong(static_cast<std::size_t>(matmul->out_width),
                                                       1.0f);
                        device.Write(matmul->out, std::as_bytes(std::span(wrong)));
                      }}) {
    info_.id = "partial";
  }
  const DeviceInfo& Info() const override { return info_; }
  std::string WhyNot(const Op& op) const override {
    return std::holds_alternative<Attention>(op) ? "no such kernel" : BrokenDevice::WhyNot(op);
  }

 private:
  DeviceInfo info_;
};

std::unique_ptr<Device> Scalar() {
  for (const Backend& backend : Backends()) {
    for (auto& device : backend.open({.threads = 1})) {
      if (device->Info().id == "cpu:scalar") return std::move(device);
    }
  }
  return nullptr;
}

TEST(KernelSuite, ReportsFailuresAndTimesTheOthers) {
  int products = 0;
  Partial partial(products);
  const std::unique_ptr<Device> scalar = Scalar();
  ASSERT_NE(scalar, nullptr);
  const Model model = SynthesizeModel(TinyShapes().front(), "q8_0", 1);
  KernelSuite suite;
  suite.devices = {&partial, scalar.get()};
  for (KernelCase& c : KernelCases({&model, 1}, {.tokens = {1}, .depths = {0}})) {
    if (c.name.starts_with("matmul/q8_0/256x128/") || c.name.starts_with("attention")) {
      suite.cases.push_back(std::move(c));
    }
  }
  ASSERT_EQ(suite.cases.size(), 2u);
  suite.ceiling_options = [](const Device&) {
    return CeilingOptions{
        .last_level_bytes = std::uint64_t{1} << 20, .each_s = 1e-3, .now = NowSeconds};
  };
  const std::string path = testing::TempDir() + "kernel_suite_test.json";
  const KernelOutcome outcome = RunKernelSuite(
      suite, std::vector<std::string>{"--benchmark_min_time=0.001", "--benchmark_out=" + path});
  EXPECT_EQ(outcome.selected, 4u);
  EXPECT_EQ(outcome.failed, 1u);
  EXPECT_EQ(outcome.unsupported, 1u);
  EXPECT_EQ(products, 1);  // the check; no timed run followed

  const nlohmann::json rows = nlohmann::json::parse(ReadText(path))["benchmarks"];
  std::filesystem::remove(path);
  ASSERT_EQ(rows.size(), 4u);
  for (const nlohmann::json& row : rows) {
    const auto name = row["name"].get<std::string>();
    const bool on_partial = name.find("/partial/") != std::string::npos;
    EXPECT_EQ(row.value("error_occurred", false), on_partial) << name;
    if (!on_partial) {
      EXPECT_GT(row["real_time"].get<double>(), 0);
      continue;
    }
    const auto message = row["error_message"].get<std::string>();
    if (name.starts_with("attention")) {
      EXPECT_EQ(message, "unsupported: no such kernel");
    } else {
      EXPECT_THAT(message, StartsWith("differs from the reference: NMSE "));
    }
    EXPECT_FALSE(row.contains("bytes/s")) << name;
  }
}

TEST(BenchmarkFlags, AreRefusedBeforeTheyEndTheProgram) {
  const auto message = [](const std::string& flag) -> std::string {
    try {
      CheckBenchmarkFlags(std::vector<std::string>{flag});
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(message("--benchmark_format=xml"), HasSubstr("'xml'"));
  EXPECT_THAT(message("--benchmark_out_format=xml"), HasSubstr("'xml'"));
  EXPECT_THAT(message("--benchmark_time_unit=min"), HasSubstr("'min'"));
  EXPECT_THAT(message("--benchmark_filter"), HasSubstr("--benchmark_filter=VALUE"));
  for (const char* good : {"--benchmark_list_tests", "--benchmark_counters_tabular=true",
                           "--benchmark_time_unit=ms", "--benchmark_of_a_later_version=1"}) {
    EXPECT_EQ(message(good), "");
  }
}

}  // namespace
}  // namespace inferometer
