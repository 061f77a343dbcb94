// A device whose kernels err is given more careful ones, remembers it, and says so.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>

#include "backends/vulkan/shaders.h"
#include "backends/vulkan/vulkan.h"
#include "harness/base/clock.h"
#include "harness/runner/kernel_choice.h"
#include "models/plan.h"
#include "models/synth.h"
#include "tests/backends/vulkan/driver.h"
#include "tests/models/tiny_shapes.h"

namespace inferometer::vulkan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Its kernels compute wrongly as long as their name has `broken` in it.
class Erring : public Device {
 public:
  Erring(std::unique_ptr<Device> inner, std::string broken)
      : inner_(std::move(inner)), broken_(std::move(broken)) {}
  const DeviceInfo& Info() const override { return inner_->Info(); }
  std::string WhyNot(const Op& op) const override { return inner_->WhyNot(op); }
  std::string BeMoreCareful() override { return inner_->BeMoreCareful(); }
  TensorId Upload(const TensorDesc& desc, std::span<const std::byte> data) override {
    return inner_->Upload(desc, data);
  }
  void Free(TensorId id) override { inner_->Free(id); }
  std::unique_ptr<Plan> Prepare(std::span<const Op> ops) override { return inner_->Prepare(ops); }
  void Write(TensorId id, std::span<const std::byte> data) override { inner_->Write(id, data); }
  void Read(TensorId id, std::span<std::byte> out) override {
    inner_->Read(id, out);
    if (Info().kernels.find(broken_) == std::string::npos) return;
    for (std::size_t i = 3; i < out.size(); i += 4) out[i] ^= std::byte{0x40};
  }

 private:
  const std::unique_ptr<Device> inner_;
  const std::string broken_;
};

class Careful : public testing::Test {
 protected:
  void SetUp() override {
    if (Shaders().empty()) GTEST_SKIP() << "this build has no shaders: glslc was missing";
    const auto manifest = LavapipeManifest();
    if (manifest.empty()) GTEST_SKIP() << "lavapipe is not installed";
    UseDriver(environment_, manifest);
    folder_ = std::filesystem::path(testing::TempDir()) /
              fmt::format("inferometer_careful_test-{}", ::getpid());  // tests run side by side
    std::filesystem::remove_all(folder_);
    plan_ = BuildPlan(SynthesizeModel(TinyShapes()[0], "q8_0", 1), {.positions = 16});
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  static std::unique_ptr<Device> Open(const std::string& broken, const Overrides& overrides = {}) {
    auto devices = OpenDevices(overrides);
    return std::make_unique<Erring>(std::move(devices.at(0)), broken);
  }
  KernelChoice Check(Device& device) {
    return ChooseKernels(device, plan_.ops, folder_, [] { return 0.0; });
  }

  ScopedEnvironment environment_;
  std::filesystem::path folder_;
  ModelPlan plan_;
};

TEST_F(Careful, RightKernelsStay) {
  const auto device = Open("no such kernels");
  const std::string kernels = device->Info().kernels;
  const KernelChoice choice = Check(*device);
  EXPECT_EQ(choice.wrong, "");
  EXPECT_THAT(choice.without, IsEmpty());
  EXPECT_GE(choice.cases, 8);
  EXPECT_EQ(device->Info().kernels, kernels);
  EXPECT_EQ(Check(*device).cases, 0) << "known from the first time";
}

TEST_F(Careful, WrongKernelsAreLeftAndThatIsRemembered) {
  const auto device = Open("8 lanes");
  const KernelChoice choice = Check(*device);
  EXPECT_THAT(choice.without, ElementsAre("no-lanes"));
  EXPECT_THAT(choice.wrong, HasSubstr("NMSE"));
  EXPECT_THAT(device->Info().kernels, HasSubstr("subgroup"));

  const auto again = Open("8 lanes");
  const KernelChoice known = Check(*again);
  EXPECT_EQ(known.cases, 0);
  EXPECT_EQ(known.without, choice.without);
  EXPECT_EQ(known.wrong, choice.wrong);
  EXPECT_EQ(again->Info().kernels, device->Info().kernels);

  // A file that something else wrote counts for nothing.
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    std::ofstream(entry.path()) << "{\"without\": 7";
  }
  const auto anew = Open("8 lanes");
  EXPECT_GT(Check(*anew).cases, 0);
}

TEST_F(Careful, CooperativeMatricesAreLeftFirst) {
  const auto device = Open("cooperative matrices", ParseOverrides("matrix"));
  if (!device->Info().without.empty()) {
    GTEST_SKIP() << device->Info().id << ": " << device->Info().without;
  }
  EXPECT_THAT(Check(*device).without, ElementsAre("no-matrix"));
  EXPECT_THAT(device->Info().without, HasSubstr("switched off"));
}

TEST_F(Careful, WhatIsNeverRightIsNotRemembered) {
  const auto device = Open("planes");
  const KernelChoice choice = Check(*device);
  EXPECT_THAT(choice.without, ElementsAre("no-lanes", "no-subgroup", "no-unified"));
  EXPECT_NE(choice.wrong, "");
  EXPECT_FALSE(std::filesystem::exists(folder_));
}

TEST_F(Careful, NothingChangesUnderWhatIsOnTheDevice) {
  const auto device = Open("");
  const TensorId id =
      device->Upload({"a", TensorRole::kActivation, QuantId::kF32, {4, 1, 1, 1}}, {});
  EXPECT_EQ(device->BeMoreCareful(), "");
  device->Free(id);
  EXPECT_EQ(device->BeMoreCareful(), "no-lanes");
}

}  // namespace
}  // namespace inferometer::vulkan
