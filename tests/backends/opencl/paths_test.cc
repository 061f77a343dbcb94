// Every path of the kernels computes what the reference computes: those too that this device would
// not take by itself.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "harness/runner/conformance.h"
#include "models/cost.h"
#include "tests/backends/opencl/driver.h"

namespace inferometer::opencl {
namespace {

QuantId FormatOfCase(const Op& op) {
  if (const auto* m = std::get_if<MatMul>(&op)) return m->format;
  if (const auto* m = std::get_if<ExpertMatMul>(&op)) return m->format;
  if (const auto* e = std::get_if<Embed>(&op)) return e->format;
  if (const auto* a = std::get_if<Attention>(&op)) return a->format;
  if (const auto* a = std::get_if<KvAppend>(&op)) return a->format;
  return QuantId::kF32;
}

struct Path {
  const char* name;
  const char* overrides;
  std::vector<QuantId>
      formats;  // of the cases that run, since drivers take seconds to compile each
};

// GoogleTest prints parameters.
void PrintTo(const Path& path, std::ostream* out) { *out << path.overrides; }

class OpenClPath : public testing::TestWithParam<Path> {};

TEST_P(OpenClPath, EqualsTheReference) {
  const Path& path = GetParam();
  const std::unique_ptr<Device> device = FirstDevice(path.overrides);
  SKIP_WITHOUT(device);
  const std::unique_ptr<Device> reference = OpenReference();
  int ran = 0;
  for (const OpCase& c : ConformanceCases()) {
    const QuantId format = FormatOfCase(c.op);
    if (std::find(path.formats.begin(), path.formats.end(), format) == path.formats.end()) continue;
    const CaseResult result = RunCase(*device, *reference, c);
    if (!result.why_not.empty()) continue;
    ++ran;
    EXPECT_TRUE(result.Pass()) << c.name << ": NMSE " << result.nmse << ", limit " << result.limit;
  }
  EXPECT_GT(ran, 20);
}

INSTANTIATE_TEST_SUITE_P(
    Paths, OpenClPath,
    testing::Values(
        // What unpacks a format is the same on all paths: one of floats and one with a scale for
        // either half of a group. OpenClSimulated has two more.
        Path{"Group", "path=group", {QuantId::kF32, QuantId::kF16, QuantId::kQ6_K}},
        Path{"GroupLocalSums", "path=group no-subgroup no-dot no-fp16", {QuantId::kQ5_1}},
        Path{"WideWithoutBuiltins",
             "path=wide no-builtin",
             {QuantId::kQ4_0, QuantId::kQ5_K, QuantId::kQ6_K}},
        Path{"CopiedMemory", "no-unified", {QuantId::kQ8_0}},
        Path{"SplitMatrices", "range=40960", {QuantId::kQ4_0, QuantId::kBF16}}),
    [](const auto& p) { return p.param.name; });

// Few small cases of every op, for a simulator that follows each memory access (oclgrind_test.py).
TEST(OpenClSimulated, EqualsTheReference) {
  const char* overrides = std::getenv("INFEROMETER_OPENCL");
  const std::unique_ptr<Device> device = FirstDevice(overrides == nullptr ? "" : overrides);
  SKIP_WITHOUT(device);
  if (device->Info().name.find("Oclgrind") == std::string::npos) {
    GTEST_SKIP() << device->Info().name << " is no simulator: oclgrind_test.py calls for one";
  }
  const std::unique_ptr<Device> reference = OpenReference();
  // The cheapest case of each op, format and class of steps.
  std::map<std::string, std::pair<double, OpCase>> cheapest;
  for (const OpCase& c : ConformanceCases()) {
    const QuantId format = FormatOfCase(c.op);
    if (format != QuantId::kF32 && format != QuantId::kQ8_0 && format != QuantId::kQ4_K) continue;
    const Cost cost = CostOf(c.op, {c.tokens});
    const double price = static_cast<double>(cost.bytes) + static_cast<double>(cost.flops);
    auto& best =
        cheapest[fmt::format("{} {} {}", NameOf(c.op), FormatOf(format).name, c.tokens.size() > 4)];
    if (best.first == 0 || price < best.first) best = {price, c};
  }
  int ran = 0;
  for (const auto& [key, best] : cheapest) {
    const CaseResult result = RunCase(*device, *reference, best.second);
    if (!result.why_not.empty()) continue;
    ++ran;
    EXPECT_TRUE(result.Pass()) << best.second.name << ": NMSE " << result.nmse;
  }
  EXPECT_GT(ran, 15);
}

}  // namespace
}  // namespace inferometer::opencl
