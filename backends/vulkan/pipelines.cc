// Compiles pipelines and keeps the driver's cache of them.
#include "backends/vulkan/pipelines.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstring>
#include <span>
#include <system_error>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "harness/base/sha256.h"

namespace inferometer::vulkan {
namespace {

constexpr std::size_t kHashSize = 64;  // hex digits of SHA-256, which stand before the data
constexpr std::uintmax_t kMostCache = 256u << 20;

// The driver's data of a cache file; empty unless it is whole.
std::vector<std::byte> ReadCache(const std::filesystem::path& path) {
  try {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (error || size <= kHashSize || size > kMostCache) return {};
    const MappedFile file(path.string());
    const std::span<const std::byte> bytes = file.bytes();
    if (bytes.size() <= kHashSize) return {};
    const std::span<const std::byte> data = bytes.subspan(kHashSize);
    if (std::memcmp(bytes.data(), Sha256Hex(data).data(), kHashSize) != 0) return {};
    return {data.begin(), data.end()};
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

std::vector<VkDescriptorSetLayoutBinding> BindingsOf(int bindings, int texels) {
  std::vector<VkDescriptorSetLayoutBinding> list;
  for (int i = 0; i < bindings + texels; ++i) {
    list.push_back(
        {static_cast<std::uint32_t>(i),
         i < bindings ? VK_DESCRIPTOR_TYPE_STORAGE_BUFFER : VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER,
         1, VK_SHADER_STAGE_COMPUTE_BIT, nullptr});
  }
  return list;
}

std::string TextOf(const PipelineKey& key) {
  return fmt::format("{} {}", key.shader, fmt::join(key.constants, " "));
}

Pipelines::Pipelines(Gpu& gpu, std::filesystem::path folder)
    : gpu_(gpu), folder_(std::move(folder)) {
  const std::vector<std::byte> data =
      folder_.empty() ? std::vector<std::byte>() : ReadCache(File());
  VkPipelineCacheCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO;
  info.initialDataSize = data.size();
  info.pInitialData = data.data();
  if (gpu_.api().CreatePipelineCache(gpu_.device(), &info, nullptr, &cache_) != VK_SUCCESS) {
    info.initialDataSize = 0;
    info.pInitialData = nullptr;
    Check(gpu_.api().CreatePipelineCache(gpu_.device(), &info, nullptr, &cache_),
          "creating a pipeline cache");
  }
}

Pipelines::~Pipelines() {
  const DeviceApi& api = gpu_.api();
  for (const auto& [key, pipeline] : pipelines_) {
    api.DestroyPipeline(gpu_.device(), pipeline.pipeline, nullptr);
  }
  for (const auto& [bindings, layout] : layouts_) {
    api.DestroyPipelineLayout(gpu_.device(), layout.layout, nullptr);
    api.DestroyDescriptorSetLayout(gpu_.device(), layout.sets, nullptr);
  }
  if (cache_ != VK_NULL_HANDLE) api.DestroyPipelineCache(gpu_.device(), cache_, nullptr);
}

// One file for each device and driver.
std::filesystem::path Pipelines::File() const {
  const Capabilities& can = gpu_.can();
  std::string uuid;
  for (const std::uint8_t byte : can.cache_uuid) uuid += fmt::format("{:02x}", byte);
  return folder_ / fmt::format("vulkan-{:04x}-{:04x}-{:x}-{}.cache", can.vendor_id, can.device_id,
                               can.driver_version, uuid);
}

void Pipelines::Save() {
  if (!changed_ || folder_.empty()) return;
  changed_ = false;
  std::size_t size = 0;
  const DeviceApi& api = gpu_.api();
  if (api.GetPipelineCacheData(gpu_.device(), cache_, &size, nullptr) != VK_SUCCESS) return;
  std::vector<std::byte> data(size);
  if (api.GetPipelineCacheData(gpu_.device(), cache_, &size, data.data()) != VK_SUCCESS) return;
  data.resize(size);
  try {
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    AtomicFile file(File().string());
    file.Write(Sha256Hex(data));
    file.Write(data);
    file.Commit();
  } catch (const Error&) {
    // It only costs the next start some time.
  }
}

const Pipelines::Layout& Pipelines::LayoutOf(int bindings, int texels) {
  if (const auto it = layouts_.find({bindings, texels}); it != layouts_.end()) return it->second;
  const std::vector<VkDescriptorSetLayoutBinding> list = BindingsOf(bindings, texels);
  VkDescriptorSetLayoutCreateInfo sets = {};
  sets.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO;
  sets.bindingCount = static_cast<std::uint32_t>(list.size());
  sets.pBindings = list.data();
  Layout layout;
  Check(gpu_.api().CreateDescriptorSetLayout(gpu_.device(), &sets, nullptr, &layout.sets),
        "creating a descriptor set layout");
  const VkPushConstantRange push = {VK_SHADER_STAGE_COMPUTE_BIT, 0, kPushBytes};
  VkPipelineLayoutCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO;
  info.setLayoutCount = 1;
  info.pSetLayouts = &layout.sets;
  info.pushConstantRangeCount = 1;
  info.pPushConstantRanges = &push;
  const VkResult result =
      gpu_.api().CreatePipelineLayout(gpu_.device(), &info, nullptr, &layout.layout);
  if (result != VK_SUCCESS) {
    gpu_.api().DestroyDescriptorSetLayout(gpu_.device(), layout.sets, nullptr);
    Fail(result, "creating a pipeline layout");
  }
  return layouts_.emplace(std::pair{bindings, texels}, layout).first->second;
}

const Pipeline& Pipelines::Get(const PipelineKey& key) {
  if (const auto it = pipelines_.find(key); it != pipelines_.end()) return it->second;
  const Shader* shader = FindShader(key.shader);
  if (shader == nullptr) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("vulkan: this build has no shader '{}'", key.shader));
  }
  const DeviceApi& api = gpu_.api();
  const Layout& layout = LayoutOf(shader->bindings, shader->texels);
  VkShaderModuleCreateInfo module_info = {};
  module_info.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO;
  module_info.codeSize = shader->words.size_bytes();
  module_info.pCode = shader->words.data();
  VkShaderModule module = VK_NULL_HANDLE;
  const std::string what = fmt::format("compiling shader '{}'", key.shader);
  Check(api.CreateShaderModule(gpu_.device(), &module_info, nullptr, &module), what);

  std::vector<VkSpecializationMapEntry> entries;
  for (std::uint32_t i = 0; i < key.constants.size(); ++i) entries.push_back({i, 4 * i, 4});
  const VkSpecializationInfo constants = {static_cast<std::uint32_t>(entries.size()),
                                          entries.data(), 4 * key.constants.size(),
                                          key.constants.data()};
  VkComputePipelineCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO;
  info.stage.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO;
  info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
  info.stage.module = module;
  info.stage.pName = "main";
  info.stage.pSpecializationInfo = &constants;
  VkPipelineShaderStageRequiredSubgroupSizeCreateInfo lanes = {};
  if (shader->matrix) RequireLanes(gpu_.can().matrix_unit, info.stage, lanes);
  info.layout = layout.layout;
  Pipeline pipeline{VK_NULL_HANDLE, layout.layout, layout.sets, shader->bindings, shader->texels};
  const VkResult result =
      api.CreateComputePipelines(gpu_.device(), cache_, 1, &info, nullptr, &pipeline.pipeline);
  api.DestroyShaderModule(gpu_.device(), module, nullptr);
  Check(result, what);
  changed_ = true;
  return pipelines_.emplace(key, pipeline).first->second;
}

}  // namespace inferometer::vulkan
