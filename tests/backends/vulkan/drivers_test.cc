// Conformance with features switched off by force, and on a second driver that lacks most of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <ostream>

#include "backends/vulkan/vulkan.h"
#include "harness/base/error.h"
#include "tests/backends/vulkan/conform.h"
#include "tests/backends/vulkan/driver.h"

namespace inferometer::vulkan {
namespace {

// As INFEROMETER_VULKAN holds them, and a part of the name of the kernels that must follow.
struct Forced {
  const char* overrides;
  const char* kernels;
};
void PrintTo(const Forced& forced, std::ostream* out) { *out << forced.overrides; }

// The first few need the pipelines that lavapipe has anyway.
constexpr Forced kForced[] = {
    {"no-fp16", ""},
    {"no-dot", ""},
    {"no-lanes", ""},
    {"no-matrix", ""},
    {"matrix", "cooperative matrices"},
    {"matrix,dot", "packed dot products, cooperative matrices"},
    {"dot", "subgroup-8 sums, workgroups of 8, packed dot products"},
    {"dot,no-subgroup", "shared sums, workgroups of 64, packed dot products"},
    {"no-unified", ""},
    {"range=540672", ""},  // the largest cache fits, the largest matrices are split
    {"no-subgroup", "shared sums, workgroups of 64"},
    {"no-lanes,workgroup=64",
     "subgroup-8 sums, workgroups of 64"},  // several subgroups sum together
    {"no-subgroup,workgroup=128", "shared sums, workgroups of 128"},
    {"no-subgroup,no-fp16,no-dot,no-unified,workgroup=32", "shared sums, workgroups of 32"},
};

class ForcedOff : public testing::TestWithParam<Forced> {};

TEST_P(ForcedOff, Conforms) {
  ScopedEnvironment environment;
  if (const auto manifest = LavapipeManifest(); !manifest.empty()) UseDriver(environment, manifest);
  environment.Set("INFEROMETER_VULKAN", GetParam().overrides);
  const auto devices = OpenDevices(DeviceOptions{});
  if (devices.empty()) GTEST_SKIP() << "no Vulkan device: " << WhyNone();
  if (ParseOverrides(GetParam().overrides).slow_matrix && !devices[0]->Info().without.empty()) {
    GTEST_SKIP() << devices[0]->Info().id << ": " << devices[0]->Info().without;
  }
  for (const auto& device : devices) {
    EXPECT_NE(device->Info().kernels.find(GetParam().kernels), std::string::npos)
        << device->Info().kernels;
    ExpectOpsConform(*device);
    ExpectModelConforms(*device, "tiny-llama", "q8_0");
  }
}

std::string NameOfForced(const testing::TestParamInfo<Forced>& info) {
  std::string name;
  bool upper = true;
  for (const char* c = info.param.overrides; *c != '\0'; ++c) {
    const auto byte = static_cast<unsigned char>(*c);
    if (std::isalnum(byte) != 0) {
      name += static_cast<char>(upper ? std::toupper(byte) : *c);
    }
    upper = std::isalnum(byte) == 0;
  }
  return name;
}
INSTANTIATE_TEST_SUITE_P(Lavapipe, ForcedOff, testing::ValuesIn(kForced), NameOfForced);

// The list above has every word that exists: the message about an unknown one names them.
TEST(ForcedOff, IsTriedForEveryOverride) {
  std::string known;
  try {
    ParseOverrides("no-such-word");
    FAIL() << "an unknown word was accepted";
  } catch (const Error& error) {
    known = error.what();
  }
  known.erase(0, known.find("known are"));
  int words = 0;
  for (std::size_t at = 0; at < known.size();) {
    const std::size_t end = std::min(known.find_first_of(" ,", at), known.size());
    std::string word = known.substr(at, end - at);
    at = end + 1;
    if (word.find('=') != std::string::npos) word.erase(word.find('=') + 1);
    if (!word.starts_with("no-") && !word.ends_with("=")) continue;
    ++words;
    EXPECT_TRUE(std::any_of(std::begin(kForced), std::end(kForced),
                            [&](const Forced& forced) {
                              return std::string_view(forced.overrides).find(word) !=
                                     std::string_view::npos;
                            }))
        << "nothing is tried with " << word;
  }
  EXPECT_GE(words, 6) << known;
}

// SwiftShader: no arithmetic in fp16, no int8, no 8- or 16-bit storage.
class SwiftShader : public testing::Test {
 protected:
  void SetUp() override {
    const auto manifest = SwiftShaderManifest();
    if (manifest.empty()) GTEST_SKIP() << "SwiftShader is not installed (package chromium)";
    UseDriver(environment_, manifest);
    devices_ = OpenDevices(Overrides{});
    if (devices_.empty()) GTEST_SKIP() << "SwiftShader has no device: " << WhyNone();
    ASSERT_NE(devices_[0]->Info().id.find("swiftshader"), std::string::npos)
        << "the loader listed " << devices_[0]->Info().id;
  }
  ScopedEnvironment environment_;
  std::vector<std::unique_ptr<Device>> devices_;
};

TEST_F(SwiftShader, MatricesConform) { ExpectOpsConform(*devices_[0], "matmul"); }
TEST_F(SwiftShader, ExpertsConform) { ExpectOpsConform(*devices_[0], "expert"); }
TEST_F(SwiftShader, AttentionConforms) { ExpectOpsConform(*devices_[0], "attention"); }
TEST_F(SwiftShader, OtherOpsConform) {
  for (const char* op :
       {"argmax", "embed", "gated", "kv_append", "rms_norm", "rope", "select", "top_experts"}) {
    ExpectOpsConform(*devices_[0], op);
  }
}
TEST_F(SwiftShader, AModelConforms) {
  ExpectModelConforms(*devices_[0], "tiny-llama", "q4_k_m", QuantId::kQ8_0);
}

}  // namespace
}  // namespace inferometer::vulkan
