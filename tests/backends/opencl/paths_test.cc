// Every path of the kernels computes what the reference computes: those too that this device would
// not take by itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "harness/runner/conformance.h"
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
        Path{"Group",
             "path=group",
             {QuantId::kF32, QuantId::kF16, QuantId::kQ8_0, QuantId::kQ4_K, QuantId::kQ6_K}},
        Path{"GroupLocalSums", "path=group no-subgroup no-dot no-fp16", {QuantId::kQ5_1}},
        Path{"WideWithoutBuiltins",
             "path=wide no-builtin",
             {QuantId::kQ4_0, QuantId::kQ5_K, QuantId::kQ6_K}},
        Path{"CopiedMemory", "no-unified", {QuantId::kQ8_0}},
        Path{"SplitMatrices", "range=40960", {QuantId::kQ4_0, QuantId::kBF16}}),
    [](const auto& p) { return p.param.name; });

}  // namespace
}  // namespace inferometer::opencl
