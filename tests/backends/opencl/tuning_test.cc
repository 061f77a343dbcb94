// Sizes of work found by trying: kept whole on disk, and right whichever they are.
#include "backends/opencl/tuning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backends/opencl/plan.h"
#include "harness/base/file.h"
#include "harness/base/sha256.h"
#include "models/quant/blocks.h"
#include "tests/backends/opencl/driver.h"

namespace inferometer::opencl {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class OpenClTuning : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT(FirstDevice("no-tuning"));
    folder_ = fs::path(testing::TempDir()) /
              ("opencl-tuning-" + std::to_string(reinterpret_cast<std::uintptr_t>(this)));
    fs::remove_all(folder_);
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }

  static std::shared_ptr<Engine> NewEngine(const char* path = "path=wide") {
    const Functions& cl = TheLoader().functions;
    cl_uint count = 0;
    cl_platform_id platform = nullptr;
    cl_device_id device = nullptr;
    cl.GetPlatformIDs(1, &platform, &count);
    cl.GetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, &count);
    std::string why_not;
    return std::make_shared<Engine>(
        platform, device, ReadCapabilities(cl, platform, device, ParseOverrides(path), why_not));
  }
  Sizes Tuned() {
    const auto engine = NewEngine();
    Tune(engine, folder_);
    return engine->sizes;
  }
  fs::path File() const {
    const std::vector<fs::path> files(fs::directory_iterator{folder_}, fs::directory_iterator{});
    EXPECT_EQ(files.size(), 1u);
    return files.empty() ? fs::path() : files.front();
  }
  static void Put(const fs::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
  }
  static void PutChoices(const fs::path& file, const std::string& text) {
    Put(file, Sha256Hex(text) + "\n" + text);
  }

  fs::path folder_;
};

TEST_F(OpenClTuning, IsDoneOnceAndDamagedFilesAreReplaced) {
  EXPECT_TRUE(Tuned().tuned);
  const std::string whole = ReadText(File().string());
  // What is on disk is believed, so that nothing was tried.
  PutChoices(File(), "matvec 2 gemm 1\n");
  const Sizes chosen = Tuned();
  EXPECT_EQ(chosen.groups_per_unit, 64);
  EXPECT_EQ(chosen.matvec_items, 128);
  EXPECT_EQ(chosen.gemm_rows, 4);
  EXPECT_EQ(chosen.gemm_blocks, 2);
  const std::string none = "matvec 9 gemm 0\n", words = "fast\n";
  for (const std::string& bad :
       {whole.substr(0, 30), Sha256Hex(none) + "\n" + none, Sha256Hex(words) + "\n" + words}) {
    Put(File(), bad);
    EXPECT_TRUE(Tuned().tuned);
    EXPECT_NE(ReadText(File().string()), bad);
  }
}

// The outputs of a matrix of q8_0 for steps of 1 and of 20 tokens.
std::vector<float> Product(const std::shared_ptr<Engine>& engine) {
  constexpr std::int64_t kWidth = 96, kRows = 70, kTokens = 20;
  std::vector<BlockQ8_0> blocks(kRows * kWidth / 32);
  unsigned seed = 1;
  const auto next = [&seed] { return (seed = seed * 1664525 + 1013904223) >> 24; };
  for (BlockQ8_0& block : blocks) {
    block.d = static_cast<std::uint16_t>(0x2000 + next());
    for (auto& code : block.qs) code = static_cast<std::int8_t>(static_cast<int>(next()) - 128);
  }
  std::vector<float> values(kWidth * kTokens);
  for (float& value : values) value = static_cast<float>(next()) / 128 - 1;
  Tensors& tensors = engine->tensors;
  MatMul op{.format = QuantId::kQ8_0, .in_width = kWidth, .out_width = kRows};
  op.weight = tensors.Add({"w", TensorRole::kMatrix, QuantId::kQ8_0, {kWidth, kRows, 1, 1}},
                          std::as_bytes(std::span(blocks)), nullptr);
  op.in = tensors.Add({.name = "in", .dims = {kWidth, kTokens, 1, 1}},
                      std::as_bytes(std::span(values)), nullptr);
  op.out = tensors.Add({.name = "out", .dims = {kRows, kTokens, 1, 1}}, {}, nullptr);
  const Op ops[] = {op};
  OpenClPlan plan(engine, ops);
  std::vector<float> all;
  for (const std::int32_t count : {1, static_cast<std::int32_t>(kTokens)}) {
    std::vector<TokenAt> step;
    for (std::int32_t i = 0; i < count; ++i) step.push_back({0, i, 0, true});
    plan.Run({step});
    std::vector<float> out(static_cast<std::size_t>(kRows * count));
    tensors.Read(op.out, std::as_writable_bytes(std::span(out)));
    all.insert(all.end(), out.begin(), out.end());
  }
  for (const TensorId id : {op.weight, op.in, op.out}) tensors.Remove(id);
  return all;
}

TEST_F(OpenClTuning, EveryChoiceComputesTheSame) {
  const std::vector<float> wanted = Product(NewEngine());
  const std::pair<const char*, Sizes> choices[] = {
      {"path=wide", {.groups_per_unit = 4, .gemm_rows = 4, .gemm_blocks = 2, .tuned = true}},
      {"path=wide", {.groups_per_unit = 64, .gemm_rows = 4, .gemm_blocks = 1, .tuned = true}},
      {"path=group", {.matvec_items = 32, .tuned = true}}};
  for (const auto& [path, sizes] : choices) {
    const auto engine = NewEngine(path);
    engine->sizes = sizes;
    const std::vector<float> got = Product(engine);
    ASSERT_EQ(got.size(), wanted.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      ASSERT_NEAR(got[i], wanted[i], 1e-3 * (1 + std::abs(wanted[i]))) << path << " " << i;
    }
  }
}

TEST(OpenClTuned, IsToldWithTheKernels) {
  for (const bool tuning : {false, true}) {
    const auto device = FirstDevice(tuning ? "" : "no-tuning");
    SKIP_WITHOUT(device);
    device->Free(device->Upload({.name = "any"}, {}));
    EXPECT_THAT(device->Info().kernels, HasSubstr(tuning ? "tuned sizes" : "default sizes"));
  }
}

}  // namespace
}  // namespace inferometer::opencl
