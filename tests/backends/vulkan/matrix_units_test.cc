// Which of the offered units is taken, the tiles that follow, and that their results are right.
#include "backends/vulkan/matrix_units.h"

#include <gtest/gtest.h>

#include <vector>

#include "backends/vulkan/vulkan.h"
#include "harness/runner/conformance.h"
#include "models/quant/formats.h"
#include "tests/backends/vulkan/driver.h"
#include "tests/backends/vulkan/lowered.h"

namespace inferometer::vulkan {
namespace {

constexpr std::uint32_t kInvocations = 1024, kShared = 32768;

VkCooperativeMatrixPropertiesKHR Offer(std::uint32_t m, std::uint32_t n, std::uint32_t k) {
  VkCooperativeMatrixPropertiesKHR offer = {};
  offer.MSize = m, offer.NSize = n, offer.KSize = k;
  offer.AType = offer.BType = VK_COMPONENT_TYPE_FLOAT16_KHR;
  offer.CType = offer.ResultType = VK_COMPONENT_TYPE_FLOAT32_KHR;
  offer.scope = VK_SCOPE_SUBGROUP_KHR;
  return offer;
}

TEST(MatrixUnits, TheLargestThatFitsIsTaken) {
  auto halves = Offer(32, 32, 16);  // sums in fp16
  halves.CType = halves.ResultType = VK_COMPONENT_TYPE_FLOAT16_KHR;
  auto workgroup = Offer(64, 32, 16);
  workgroup.scope = static_cast<VkScopeKHR>(2);
  const VkCooperativeMatrixPropertiesKHR offers[] = {
      Offer(16, 8, 8),   halves,           Offer(16, 8, 16), Offer(16, 16, 16), workgroup,
      Offer(16, 16, 64), Offer(48, 16, 16)};
  EXPECT_EQ(ChooseUnit(offers, 32, kInvocations, kShared), (MatrixUnit{16, 16, 16, 32}));
  EXPECT_EQ(ChooseUnit({}, 32, kInvocations, kShared), MatrixUnit{});
  EXPECT_EQ(ChooseUnit(offers, 32, kInvocations, 1024), MatrixUnit{}) << "no room for tiles";
  EXPECT_EQ(ChooseUnit(offers, 32, 16, kShared), MatrixUnit{}) << "no room for a subgroup";
}

TEST(MatrixUnits, TilesFitTheSmallestDevices) {
  const Capabilities least = SmallestDevice();
  for (const std::uint32_t lanes : {8u, 16u, 32u, 64u, 128u}) {
    for (const std::uint32_t m : {8u, 16u, 32u}) {
      for (const std::uint32_t n : {8u, 16u, 32u}) {
        const MatrixUnit unit{m, n, 16, lanes};
        const MatrixTile tile = TileOf(unit, least.most_invocations);
        SCOPED_TRACE(testing::Message() << m << " x " << n << " of " << lanes);
        EXPECT_LE(tile.Threads(unit), least.most_invocations);
        EXPECT_LE(tile.SharedBytes(unit), least.shared_bytes);
        EXPECT_EQ(tile.Threads(unit) % lanes, 0u);
        EXPECT_GE(tile.row_fragments * tile.column_fragments, 1u);
        // Sums in a lane's registers, but for units that have more by themselves.
        EXPECT_LE(tile.row_fragments * tile.column_fragments * m * n, std::max(64 * lanes, m * n));
      }
    }
  }
  const MatrixUnit usual{16, 16, 16, 32};
  const MatrixTile tile = TileOf(usual, 1024);
  EXPECT_EQ(tile.Rows(usual), 128u);
  EXPECT_EQ(tile.Columns(usual), 64u);
  EXPECT_EQ(tile.Threads(usual), 128u);
}

class CooperativeMatrices : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto manifest = LavapipeManifest(); !manifest.empty()) {
      UseDriver(environment_, manifest);
    }
    auto devices = OpenDevices(ParseOverrides("matrix"));
    if (devices.empty()) GTEST_SKIP() << "no Vulkan device: " << WhyNone();
    device_ = std::move(devices[0]);
    const DeviceInfo& info = device_->Info();
    if (!info.without.empty()) GTEST_SKIP() << info.id << ": " << info.without;
  }
  ScopedEnvironment environment_;
  std::unique_ptr<Device> device_;
};

// Widths, rows and columns around and beyond a tile of any device.
TEST_F(CooperativeMatrices, ConformWithEveryFormat) {
  const auto reference = OpenReference();
  int ran = 0;
  for (const OpCase& c : ConformanceCases()) {
    const auto* matmul = std::get_if<MatMul>(&c.op);
    if (matmul == nullptr || c.tokens.size() <= static_cast<std::size_t>(kRowClasses[1])) continue;
    const CaseResult result = RunCase(*device_, *reference, c);
    ++ran;
    EXPECT_TRUE(result.Pass()) << c.name << ": NMSE " << result.nmse << ", limit " << result.limit;
  }
  EXPECT_GT(ran, 100);
}

// Beyond what fp16 holds values are its largest, so that one of them does not make a sum infinite.
TEST_F(CooperativeMatrices, ValuesBeyondFp16AreItsLargest) {
  constexpr std::size_t kWidth = 32, kTokens = 17;
  constexpr float kLargest = 65504;
  std::vector<float> weights(kWidth, 0.0f), columns(kWidth * kTokens, 0.0f);
  weights[0] = 1, weights[1] = 1e30f;
  for (std::size_t t = 0; t < kTokens; ++t) columns[t * kWidth] = t % 2 == 0 ? 1e30f : -1e30f;
  columns[1] = 0.5f;  // meets the large weight
  std::vector<std::byte> encoded(kWidth * 2);
  FormatOf(QuantId::kBF16).encode(weights, encoded.data());
  MatMul op{.format = QuantId::kBF16, .in_width = kWidth, .out_width = 1};
  op.weight =
      device_->Upload({"w", TensorRole::kMatrix, QuantId::kBF16, {kWidth, 1, 1, 1}}, encoded);
  op.in = device_->Upload({"x", TensorRole::kActivation, QuantId::kF32, {kWidth, kTokens, 1, 1}},
                          std::as_bytes(std::span(columns)));
  op.out = device_->Upload({"y", TensorRole::kActivation, QuantId::kF32, {1, kTokens, 1, 1}}, {});
  std::vector<TokenAt> tokens;
  for (std::size_t t = 0; t < kTokens; ++t) {
    tokens.push_back({.position = static_cast<std::int32_t>(t)});
  }
  const Op ops[] = {op};
  device_->Prepare(ops)->Run({tokens});
  std::vector<float> got(kTokens);
  device_->Read(op.out, std::as_writable_bytes(std::span(got)));
  EXPECT_EQ(got[0], kLargest + 0.5f * kLargest);
  for (std::size_t t = 1; t < kTokens; ++t) EXPECT_EQ(got[t], t % 2 == 0 ? kLargest : -kLargest);
  for (const TensorId id : {op.weight, op.in, op.out}) device_->Free(id);
}

}  // namespace
}  // namespace inferometer::vulkan
