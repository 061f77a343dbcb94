// What makes two entries the same hardware, and what does not.
#include <gtest/gtest.h>

#include "probes/gpu_question.h"

namespace inferometer {
namespace {

using Json = nlohmann::json;

Json Card(const std::string& address, const std::string& id, int node) {
  return {{"name", nullptr},        {"vendor", "AMD"},         {"pci_id", id},
          {"compatible", nullptr},  {"driver", "amdgpu"},      {"type", "discrete"},
          {"renders", true},        {"memory_bytes", nullptr}, {"source", "/sys/class/drm"},
          {"pci_address", address}, {"render_node", node}};
}

Json Vulkan(const Json& more) {
  Json device = CleanDevice("vulkan", {{"name", "Radeon"},
                                       {"type", "discrete"},
                                       {"software", false},
                                       {"vendor_id", "1002"},
                                       {"device_id", "744c"},
                                       {"driver_name", "radv"}});
  device["same_as"] = nullptr;
  device.update(more);
  return device;
}

Json OpenCl(const Json& more) {
  Json device = CleanDevice("opencl", {{"name", "gfx1100"},
                                       {"type", "discrete"},
                                       {"software", false},
                                       {"vendor_id", "1002"},
                                       {"platform", "AMD"}});
  device["same_as"] = nullptr;
  device.update(more);
  return device;
}

Json Apis(Json vulkan, Json opencl) {
  return {{"vulkan", {{"devices", std::move(vulkan)}}},
          {"opencl", {{"devices", std::move(opencl)}}}};
}

TEST(GpuJoin, TellsTwoEqualCardsApartByNodeAndAddress) {
  const Json gpus =
      JoinGpus({Card("0000:03:00.0", "1002:744c", 128), Card("0000:43:00.0", "1002:744c", 129)},
               Apis({Vulkan({{"render_node", 129}, {"name", "second"}}),
                     Vulkan({{"pci_address", "0000:03:00.0"}, {"name", "first"}})},
                    {OpenCl({{"pci_address", "0000:43:00.0"}})}));
  ASSERT_EQ(gpus.size(), 2u) << gpus.dump(1);
  EXPECT_EQ(gpus[0]["name"], "first");
  EXPECT_EQ(gpus[0]["joined_by"], Json({"vulkan: PCI address"}));
  EXPECT_EQ(gpus[1]["name"], "second");
  EXPECT_EQ(gpus[1]["joined_by"], Json({"vulkan: render node", "opencl: PCI address"}));
  EXPECT_EQ(gpus[1]["opencl"].size(), 1u);
}

TEST(GpuJoin, DoesNotGuessBetweenTwoEqualCards) {
  const Json gpus =
      JoinGpus({Card("0000:03:00.0", "1002:744c", 128), Card("0000:43:00.0", "1002:744c", 129)},
               Apis({Vulkan(Json::object())}, Json::array()));
  ASSERT_EQ(gpus.size(), 3u);
  EXPECT_TRUE(gpus[2]["joined_by"].empty());
}

TEST(GpuJoin, UsesUuidsThenIdsThenALoneVendor) {
  const Json uuid = JoinGpus(
      Json::array(),
      Apis({Vulkan({{"same_as", 1}}), Vulkan({{"same_as", 2}})}, {OpenCl({{"same_as", 2}})}));
  // The same driver tells a device once: two entries of it stay two.
  ASSERT_EQ(uuid.size(), 2u) << uuid.dump(1);
  EXPECT_EQ(uuid[1]["joined_by"], Json({"opencl: device UUID"}));
  const Json ids = JoinGpus({Card("0000:03:00.0", "1002:744c", 128)},
                            Apis({Vulkan(Json::object())}, {OpenCl(Json::object())}));
  ASSERT_EQ(ids.size(), 1u);
  EXPECT_EQ(ids[0]["joined_by"],
            Json({"vulkan: vendor and device id", "opencl: vendor, of which there is one device"}));
  EXPECT_EQ(ids[0]["pci_id"], "1002:744c");
  EXPECT_EQ(ids[0]["source"], "/sys/class/drm, Vulkan, OpenCL");
}

TEST(GpuJoin, TwoDriversOfOneCardAreOneCard) {
  const Json gpus =
      JoinGpus({Card("0000:03:00.0", "1002:744c", 128)},
               Apis({Vulkan(Json::object()), Vulkan({{"driver_name", "AMD open-source driver"}})},
                    Json::array()));
  ASSERT_EQ(gpus.size(), 1u);
  EXPECT_EQ(gpus[0]["vulkan"].size(), 2u);
}

TEST(GpuJoin, SoftwareIsNeverJoinedAndStandsLast) {
  const Json gpus = JoinGpus(
      {Card("0000:03:00.0", "1002:744c", 128)},
      Apis({Vulkan({{"software", true}, {"name", "llvmpipe"}})}, {OpenCl(Json::object())}));
  ASSERT_EQ(gpus.size(), 2u);
  EXPECT_EQ(gpus[0]["opencl"].size(), 1u);
  EXPECT_EQ(gpus[1]["name"], "llvmpipe");
  EXPECT_EQ(gpus[1]["type"], "software");
  EXPECT_EQ(gpus[1]["software"], true);
}

TEST(GpuJoin, PublishesNothingThatOnlyJoins) {
  const Json gpus = JoinGpus({Card("0000:03:00.0", "1002:744c", 128)},
                             Apis({Vulkan({{"same_as", 1}})}, Json::array()));
  EXPECT_FALSE(gpus[0].contains("render_node"));
  EXPECT_FALSE(gpus[0]["vulkan"][0].contains("same_as"));
}

TEST(GpuFields, DeepNestingEndsNeitherTheStackNorTheAnswer) {
  const std::string deep(1000000, '[');
  const Json answer = ParseAnswer(R"({"status": "ok", "devices": [{"name": )" + deep +
                                  std::string(1000000, ']') + R"(, "type": "cpu"}]})");
  ASSERT_TRUE(answer.is_object());
  Json copy = answer;  // by recursion
  copy["status"] = "copied";
  EXPECT_EQ(copy.at("devices")[0].at("type"), "cpu");
  EXPECT_TRUE(ParseAnswer(deep).is_discarded());
}

TEST(GpuFields, KeepWhatIsKnownAndOfTheRightType) {
  const Json clean = CleanDevice("vulkan", {{"name", std::string(5000, 'x')},
                                            {"software", "yes"},
                                            {"subgroup_size", -1},
                                            {"extensions", {"a", 7, nullptr, "b\x1b[2J"}},
                                            {"heaps", {7, {{"size_bytes", 1e300}, {"deep", {1}}}}},
                                            {"uuid", "0123456789abcdef"}});
  EXPECT_EQ(clean["name"].get<std::string>().size(), 256u);
  EXPECT_TRUE(clean["software"].is_null());
  EXPECT_TRUE(clean["subgroup_size"].is_null());
  EXPECT_EQ(clean["extensions"], Json({"a", "b [2J"}));
  EXPECT_TRUE(clean["heaps"][0]["deep"].is_null());
  EXPECT_FALSE(clean.contains("uuid"));
  EXPECT_NO_THROW(CleanDevice("opencl", 7));
}

}  // namespace
}  // namespace inferometer
