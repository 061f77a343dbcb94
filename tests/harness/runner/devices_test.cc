// Which backends a run opens, and which it leaves alone.
#include "harness/runner/devices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"

namespace inferometer {
namespace {

using nlohmann::json;

std::vector<std::unique_ptr<Device>> NeverOpened(const DeviceOptions&) {
  ADD_FAILURE() << "this backend was opened";
  return {};
}
std::vector<std::unique_ptr<Device>> NothingHere(const DeviceOptions&) { return {}; }
std::string NoWhy() { return "there is none"; }

constexpr Backend kBackends[] = {{"cpu", NothingHere, NoWhy}, {"vulkan", NeverOpened, NoWhy}};

TEST(UnsafeBackends, AreThoseWithADriverThatHungOrCrashed) {
  const json device = json::parse(R"({"gpu_apis": {
      "vulkan": {"status": "ok", "drivers": [{"name": "a.json", "status": "ok"},
                                             {"name": "b.json", "status": "hung"}]},
      "opencl": {"status": "no driver", "drivers": []}}})");
  const std::vector<MissingBackend> unsafe = UnsafeBackends(device);
  ASSERT_EQ(unsafe.size(), 1u);
  EXPECT_EQ(unsafe[0].name, "vulkan");
  EXPECT_THAT(unsafe[0].reason, ::testing::HasSubstr("b.json"));
  EXPECT_TRUE(UnsafeBackends(json::object()).empty());
}

TEST(ChooseDevices, NeverOpensAnUnsafeBackendAndSaysWhy) {
  const DeviceRequest request{{}, {}, 1, {{"vulkan", "its driver b.json hung"}}};
  try {
    ChooseDevices(kBackends, request, QuantId::kQ8_0, [] { return 0.0; });
    FAIL() << "there is no device";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("vulkan: its driver b.json hung"));
  }
}

TEST(MayHold, LooksAtTheBackendsOfTheNamedDevices) {
  EXPECT_TRUE(MayHold(kBackends, "vulkan", {}));
  EXPECT_FALSE(MayHold(kBackends, "vulkan", {"cpu:avx2"}));
  EXPECT_TRUE(MayHold(kBackends, "vulkan", {"cpu:avx2", "vulkan:0"}));
  EXPECT_TRUE(MayHold(kBackends, "vulkan", {"vulcan:0"})) << "the nearest name may be there";
}

}  // namespace
}  // namespace inferometer
