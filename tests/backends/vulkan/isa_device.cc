// Compiles pipelines and asks for their statistics.
#include "tests/backends/vulkan/isa_device.h"

#include <fmt/format.h>

#include <cstring>
#include <vector>

#include "harness/base/error.h"

namespace inferometer::vulkan {
namespace {

#define INFEROMETER_ISA_FUNCTIONS(X)    \
  X(CreateComputePipelines)             \
  X(CreateDescriptorSetLayout)          \
  X(CreatePipelineLayout)               \
  X(CreateShaderModule)                 \
  X(DestroyDescriptorSetLayout)         \
  X(DestroyDevice)                      \
  X(DestroyPipeline)                    \
  X(DestroyPipelineLayout)              \
  X(DestroyShaderModule)                \
  X(GetPipelineExecutablePropertiesKHR) \
  X(GetPipelineExecutableStatisticsKHR) \
  X(GetPipelineExecutableInternalRepresentationsKHR)

std::uint64_t ValueOf(const VkPipelineExecutableStatisticKHR& statistic) {
  switch (statistic.format) {
    case VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_BOOL32_KHR:
      return statistic.value.b32;
    case VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_FLOAT64_KHR:
      return static_cast<std::uint64_t>(statistic.value.f64);
    default:
      return statistic.value.u64;
  }
}

}  // namespace

struct IsaDevice::Api {
  // NOLINTBEGIN(readability-identifier-naming): the names are Vulkan's
#define INFEROMETER_MEMBER(name) PFN_vk##name name = nullptr;
  INFEROMETER_ISA_FUNCTIONS(INFEROMETER_MEMBER)
#undef INFEROMETER_MEMBER
  // NOLINTEND(readability-identifier-naming)
};

IsaDevice::IsaDevice() : api_(std::make_unique<Api>()) {
  std::string why_not;
  instance_ = Instance::Open(why_not);
  if (!instance_) throw Error(ExitCode::kRunFailed, why_not);
  const VkPhysicalDevice physical = instance_->devices()[0];
  can_ = ReadCapabilities(*instance_, physical, {}, why_not);
  if (!why_not.empty()) throw Error(ExitCode::kRunFailed, can_.name + ": " + why_not);

  VkPhysicalDeviceShaderFloat16Int8Features fp16 = {};
  fp16.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_FLOAT16_INT8_FEATURES;
  fp16.shaderFloat16 = can_.fp16 ? VK_TRUE : VK_FALSE;
  VkPhysicalDeviceShaderIntegerDotProductFeatures dot = {};
  dot.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_INTEGER_DOT_PRODUCT_FEATURES;
  dot.pNext = &fp16;
  dot.shaderIntegerDotProduct = can_.dot ? VK_TRUE : VK_FALSE;
  VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR told = {};
  told.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PIPELINE_EXECUTABLE_PROPERTIES_FEATURES_KHR;
  told.pNext = &dot;
  MatrixFeatures matrix;
  matrix.EnableAll();
  if (can_.matrix) fp16.pNext = matrix.chain();
  told.pipelineExecutableInfo = VK_TRUE;
  const float priority = 1;
  VkDeviceQueueCreateInfo queue = {};
  queue.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO;
  queue.queueFamilyIndex = can_.queue_family;
  queue.queueCount = 1;
  queue.pQueuePriorities = &priority;
  const char* const extension = VK_KHR_PIPELINE_EXECUTABLE_PROPERTIES_EXTENSION_NAME;
  const char* const extensions[] = {extension, VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME};
  VkDeviceCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO;
  info.pNext = &told;
  info.queueCreateInfoCount = 1;
  info.pQueueCreateInfos = &queue;
  info.enabledExtensionCount = can_.matrix ? 2 : 1;
  info.ppEnabledExtensionNames = extensions;
  Check(instance_->api().CreateDevice(physical, &info, nullptr, &device_),
        can_.name + " with " + extension);
#define INFEROMETER_LOAD(name) \
  api_->name =                 \
      reinterpret_cast<PFN_vk##name>(instance_->api().GetDeviceProcAddr(device_, "vk" #name));
  INFEROMETER_ISA_FUNCTIONS(INFEROMETER_LOAD)
#undef INFEROMETER_LOAD
}

IsaDevice::~IsaDevice() {
  if (device_ != VK_NULL_HANDLE) api_->DestroyDevice(device_, nullptr);
}

MachineCode IsaDevice::Compile(const PipelineKey& key) const {
  const Shader* shader = FindShader(key.shader);
  if (shader == nullptr) {
    throw Error(ExitCode::kRunFailed, fmt::format("there is no shader '{}'", key.shader));
  }
  const std::vector<VkDescriptorSetLayoutBinding> bindings =
      BindingsOf(shader->bindings, shader->texels);
  VkDescriptorSetLayoutCreateInfo sets = {};
  sets.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO;
  sets.bindingCount = static_cast<std::uint32_t>(bindings.size());
  sets.pBindings = bindings.data();
  VkDescriptorSetLayout set_layout = VK_NULL_HANDLE;
  Check(api_->CreateDescriptorSetLayout(device_, &sets, nullptr, &set_layout), "a set layout");
  const VkPushConstantRange push = {VK_SHADER_STAGE_COMPUTE_BIT, 0, kPushBytes};
  VkPipelineLayoutCreateInfo layout_info = {};
  layout_info.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO;
  layout_info.setLayoutCount = 1;
  layout_info.pSetLayouts = &set_layout;
  layout_info.pushConstantRangeCount = 1;
  layout_info.pPushConstantRanges = &push;
  VkPipelineLayout layout = VK_NULL_HANDLE;
  Check(api_->CreatePipelineLayout(device_, &layout_info, nullptr, &layout), "a pipeline layout");
  VkShaderModuleCreateInfo module_info = {};
  module_info.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO;
  module_info.codeSize = shader->words.size_bytes();
  module_info.pCode = shader->words.data();
  VkShaderModule module = VK_NULL_HANDLE;
  Check(api_->CreateShaderModule(device_, &module_info, nullptr, &module), key.shader);

  std::vector<VkSpecializationMapEntry> entries;
  for (std::uint32_t i = 0; i < key.constants.size(); ++i) entries.push_back({i, 4 * i, 4});
  const VkSpecializationInfo constants = {static_cast<std::uint32_t>(entries.size()),
                                          entries.data(), 4 * key.constants.size(),
                                          key.constants.data()};
  VkComputePipelineCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO;
  info.flags = VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR |
               VK_PIPELINE_CREATE_CAPTURE_INTERNAL_REPRESENTATIONS_BIT_KHR;
  info.stage.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO;
  info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
  info.stage.module = module;
  info.stage.pName = "main";
  info.stage.pSpecializationInfo = &constants;
  VkPipelineShaderStageRequiredSubgroupSizeCreateInfo lanes = {};
  if (shader->matrix) RequireLanes(can_.matrix_unit, info.stage, lanes);
  info.layout = layout;
  VkPipeline pipeline = VK_NULL_HANDLE;
  Check(api_->CreateComputePipelines(device_, VK_NULL_HANDLE, 1, &info, nullptr, &pipeline),
        key.shader);

  MachineCode code;
  VkPipelineExecutableInfoKHR executable = {};
  executable.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INFO_KHR;
  executable.pipeline = pipeline;
  std::uint32_t count = 0;
  Check(api_->GetPipelineExecutableStatisticsKHR(device_, &executable, &count, nullptr),
        "statistics");
  VkPipelineExecutableStatisticKHR statistic = {};
  statistic.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_STATISTIC_KHR;
  std::vector<VkPipelineExecutableStatisticKHR> statistics(count, statistic);
  Check(api_->GetPipelineExecutableStatisticsKHR(device_, &executable, &count, statistics.data()),
        "statistics");
  for (const auto& s : statistics) code.statistics[s.name] = ValueOf(s);

  count = 0;
  Check(
      api_->GetPipelineExecutableInternalRepresentationsKHR(device_, &executable, &count, nullptr),
      "representations");
  VkPipelineExecutableInternalRepresentationKHR representation = {};
  representation.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INTERNAL_REPRESENTATION_KHR;
  std::vector<VkPipelineExecutableInternalRepresentationKHR> representations(count, representation);
  // First their sizes, then the texts.
  for (int round = 0; round < 2; ++round) {
    Check(api_->GetPipelineExecutableInternalRepresentationsKHR(device_, &executable, &count,
                                                                representations.data()),
          "representations");
    if (round > 0) break;
    for (auto& r : representations) {
      if (std::string_view(r.name) != "Assembly") continue;
      code.assembly.resize(r.dataSize);
      r.pData = code.assembly.data();
    }
  }
  api_->DestroyPipeline(device_, pipeline, nullptr);
  api_->DestroyShaderModule(device_, module, nullptr);
  api_->DestroyPipelineLayout(device_, layout, nullptr);
  api_->DestroyDescriptorSetLayout(device_, set_layout, nullptr);
  return code;
}

}  // namespace inferometer::vulkan
