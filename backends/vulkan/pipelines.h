// Pipelines, compiled once for each shader and choice of specialization constants, and their cache
// on disk.
#ifndef INFEROMETER_BACKENDS_VULKAN_PIPELINES_H_
#define INFEROMETER_BACKENDS_VULKAN_PIPELINES_H_

#include <compare>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "backends/vulkan/gpu.h"
#include "backends/vulkan/shaders.h"

namespace inferometer::vulkan {

// Constant i of the list has constant_id i; 0 is the number of invocations in a workgroup.
struct PipelineKey {
  std::string shader;
  std::vector<std::uint32_t> constants;
  auto operator<=>(const PipelineKey&) const = default;
};

// "matvec.q4_k.subgroup 64 2 1 1 0 0 0".
std::string TextOf(const PipelineKey& key);

struct Pipeline {
  VkPipeline pipeline = VK_NULL_HANDLE;
  VkPipelineLayout layout = VK_NULL_HANDLE;
  VkDescriptorSetLayout sets = VK_NULL_HANDLE;
  int bindings = 0, texels = 0;
};

// What a set of so many storage buffers, then uniform texel buffers, is made of.
std::vector<VkDescriptorSetLayoutBinding> BindingsOf(int bindings, int texels);

class Pipelines {
 public:
  // What drivers compiled before is read from `folder`, and written there by Save; an empty path
  // keeps nothing. A cache that is missing, damaged or of another driver is as good as none.
  Pipelines(Gpu& gpu, std::filesystem::path folder);
  ~Pipelines();
  Pipelines(const Pipelines&) = delete;
  Pipelines& operator=(const Pipelines&) = delete;

  // Throws Error naming the shader when it is unknown or the driver cannot compile it.
  const Pipeline& Get(const PipelineKey& key);
  // Writes the cache when something was compiled since. What the disk refuses is left.
  void Save();
  std::size_t size() const { return pipelines_.size(); }

 private:
  struct Layout {
    VkDescriptorSetLayout sets = VK_NULL_HANDLE;
    VkPipelineLayout layout = VK_NULL_HANDLE;
  };
  const Layout& LayoutOf(int bindings, int texels);
  std::filesystem::path File() const;

  Gpu& gpu_;
  const std::filesystem::path folder_;
  VkPipelineCache cache_ = VK_NULL_HANDLE;
  std::map<std::pair<int, int>, Layout> layouts_;  // by numbers of bindings
  std::map<PipelineKey, Pipeline> pipelines_;
  bool changed_ = false;
};

}  // namespace inferometer::vulkan

#endif  // INFEROMETER_BACKENDS_VULKAN_PIPELINES_H_
