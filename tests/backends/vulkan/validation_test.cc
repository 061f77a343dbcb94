// The Khronos validation layer with synchronization validation has nothing to say about anything
// that the backend does, and does speak when it is given a fault.
#include <gtest/gtest.h>

#include <fstream>

#include "backends/vulkan/loader.h"
#include "backends/vulkan/recording.h"
#include "backends/vulkan/shaders/interface.h"
#include "backends/vulkan/vulkan.h"
#include "harness/base/dynamic_library.h"
#include "tests/backends/vulkan/conform.h"
#include "tests/backends/vulkan/driver.h"
#include "tests/backends/vulkan/lowered.h"
#include "tests/harness/cli/program.h"

namespace inferometer::vulkan {
namespace {

constexpr const char* kLayer = "VK_LAYER_KHRONOS_validation";

bool LayerIsInstalled() {
  const DynamicLibrary library(LoaderNames());
  if (!library) return false;
  const auto enumerate =
      library.Find<PFN_vkEnumerateInstanceLayerProperties>("vkEnumerateInstanceLayerProperties");
  std::uint32_t count = 0;
  if (enumerate == nullptr || enumerate(&count, nullptr) != VK_SUCCESS) return false;
  std::vector<VkLayerProperties> layers(count);
  if (enumerate(&count, layers.data()) != VK_SUCCESS) return false;
  return std::any_of(layers.begin(), layers.end(), [](const VkLayerProperties& layer) {
    return std::string_view(layer.layerName) == kLayer;
  });
}

// Instances created in its life have the layer, which writes to a file that this reads.
class Validated : public testing::Test {
 protected:
  void SetUp() override {
    if (Shaders().empty()) GTEST_SKIP() << "this build has no shaders: glslc was missing";
    if (const auto manifest = LavapipeManifest(); !manifest.empty()) {
      UseDriver(environment_, manifest);
    }
    std::string why_not;
    if (!Instance::Open(why_not)) GTEST_SKIP() << "no Vulkan device: " << why_not;
    if (!LayerIsInstalled()) {
      GTEST_SKIP() << kLayer << " is not installed (package vulkan-validationlayers)";
    }
    std::ofstream(folder_ / "vk_layer_settings.txt")
        << "khronos_validation.debug_action = VK_DBG_LAYER_ACTION_LOG_MSG\n"
        << "khronos_validation.report_flags = error,warn,perf\n"
        << "khronos_validation.log_filename = " << folder_ / "log" << "\n"
        << "khronos_validation.enables = "
           "VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT\n";
    environment_.Set("VK_LAYER_SETTINGS_PATH", folder_.path());
    environment_.Set("VK_INSTANCE_LAYERS", kLayer);
    // Newer layers look into shaders' accesses only when told to.
    environment_.Set("VK_KHRONOS_VALIDATION_SYNCVAL_SHADER_ACCESSES_HEURISTIC", "true");
  }

  // What the layer wrote; whatever used an instance must be gone by now.
  // That newer layers know other names for their settings is no message about us.
  std::string Messages() const {
    std::string messages = ReadText(folder_ / "log");
    constexpr std::string_view kEnd = "\n\n\n";
    for (std::size_t at = 0; (at = messages.find("Validation Warning: [ VALIDATION-SETTINGS ]",
                                                 at)) != std::string::npos;) {
      const std::size_t end = messages.find(kEnd, at);
      messages.erase(at, end == std::string::npos ? end : end + kEnd.size() - at);
    }
    return messages;
  }

  TemporaryFolder folder_;
  ScopedEnvironment environment_;
};

TEST_F(Validated, OpsRaiseNoMessage) {
  for (const auto& device : OpenDevices(Overrides{})) ExpectOpsConform(*device);
  EXPECT_EQ(Messages(), "");
}

TEST_F(Validated, OpsInMemoryOfTheDeviceAloneRaiseNoMessage) {
  for (const auto& device : OpenDevices(ParseOverrides("no-unified no-subgroup"))) {
    ExpectOpsConform(*device);
  }
  EXPECT_EQ(Messages(), "");
}

TEST_F(Validated, CooperativeMatricesRaiseNoMessage) {
  std::string why_not = "no Vulkan device";
  for (const auto& device : OpenDevices(ParseOverrides("matrix"))) {
    why_not = device->Info().without;
    if (!why_not.empty()) continue;
    ExpectOpsConform(*device, "matmul");
    ExpectModelConforms(*device, "tiny-llama", "q4_k_m");
  }
  EXPECT_EQ(Messages(), "");
  if (!why_not.empty()) GTEST_SKIP() << why_not;
}

TEST_F(Validated, WholeModelsRaiseNoMessage) {
  for (const char* overrides : {"", "no-unified", "dot"}) {
    for (const auto& device : OpenDevices(ParseOverrides(overrides))) {
      ExpectModelConforms(*device, "tiny-llama", "q4_k_m", QuantId::kQ8_0);
      ExpectModelConforms(*device, "tiny-qwen3moe", "q8_0");
    }
  }
  EXPECT_EQ(Messages(), "");
}

// Two dispatches, the second of which reads what the first one writes, recorded with what they
// touch or without, which leaves the barrier out.
void RecordAPair(bool with_touches) {
  std::string why_not;
  const OpenGpu open = OpenFirstGpu(why_not);
  ASSERT_TRUE(open.gpu) << why_not;
  Memory memory(*open.gpu);
  Pipelines pipelines(*open.gpu, {});
  std::vector<Slice> slices;
  const auto range = [&] {
    slices.push_back(memory.Allocate(4096, MemoryKind::kTensor, "test"));
    return Range{slices.back().buffer, slices.back().offset, slices.back().bytes};
  };
  Dispatch first;
  first.pipeline = {"gated", {64}};
  first.bindings = {range(), range(), range(), range()};
  const EachPush push = {64, 0, 0};
  std::memcpy(first.push.data(), &push, sizeof(push));
  first.groups = [](const gpu::StepCounts&) { return Groups{1, 1, 1}; };
  if (with_touches) first.touches = {{1, Access::kRead}, {2, Access::kRead}, {3, Access::kWrite}};
  Dispatch second = first;
  std::swap(second.bindings[EACH_A], second.bindings[EACH_OUT]);
  if (with_touches) second.touches = {{3, Access::kRead}, {2, Access::kRead}, {1, Access::kWrite}};
  {
    const Dispatch dispatches[] = {first, second};
    const Recording recording(*open.gpu, memory, pipelines, dispatches, {}, true);
  }
  for (const Slice& slice : slices) memory.Free(slice);
}

// What shows that silence above means something.
TEST_F(Validated, AMissingBarrierIsReported) {
  RecordAPair(true);
  EXPECT_EQ(Messages(), "");
  RecordAPair(false);
  EXPECT_NE(Messages().find("SYNC-HAZARD-READ-AFTER-WRITE"), std::string::npos)
      << "the layer, or its synchronization validation, is not at work: " << Messages();
}

}  // namespace
}  // namespace inferometer::vulkan
