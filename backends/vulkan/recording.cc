// Records dispatches with the barriers between them.
#include "backends/vulkan/recording.h"

#include <algorithm>
#include <cstring>

namespace inferometer::vulkan {
namespace {

void Barrier(const DeviceApi& api, VkCommandBuffer commands, VkPipelineStageFlags from,
             VkAccessFlags written, VkPipelineStageFlags to, VkAccessFlags used) {
  VkMemoryBarrier barrier = {};
  barrier.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER;
  barrier.srcAccessMask = written;
  barrier.dstAccessMask = used;
  api.CmdPipelineBarrier(commands, from, to, 0, 1, &barrier, 0, nullptr, 0, nullptr);
}

constexpr VkPipelineStageFlags kCompute = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT;
// About two layers of a model. Prefill of 512 tokens through 8 billion weights, at a slow
// integrated GPU's 200 GFLOP/s, takes 40 s in all and about 2 s in so many.
constexpr std::size_t kPieceDispatches = 16;
constexpr VkAccessFlags kReadWrite = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT;

bool SameSizes(const gpu::StepCounts& a, const gpu::StepCounts& b) {
  return a.tokens == b.tokens && a.outputs == b.outputs && a.tiles == b.tiles &&
         a.splits == b.splits;
}

// The size that a dispatch has in every step of one token; none when it follows the depth.
std::optional<Groups> FixedGroups(const Dispatch& dispatch) {
  gpu::StepCounts counts{.tokens = 1, .outputs = 1, .tiles = 1, .context = 1};
  const Groups groups = dispatch.groups(counts);
  counts.splits = 7;
  if (dispatch.groups(counts) != groups) return std::nullopt;
  return groups;
}

}  // namespace

Recording::Recording(Gpu& gpu, Memory& memory, Pipelines& pipelines,
                     std::span<const Dispatch> dispatches, std::span<const MirrorCopy> mirrors,
                     bool single, Times times)
    : gpu_(gpu), memory_(memory), dispatches_(dispatches.size()), timed_(times) {
  const DeviceApi& api = gpu_.api();
  try {
    std::uint32_t bindings = 1, texels = 1;  // a pool of none is not allowed
    for (const Dispatch& dispatch : dispatches) {
      bindings += static_cast<std::uint32_t>(dispatch.bindings.size());
      texels += static_cast<std::uint32_t>(dispatch.texels.size());
    }
    const VkDescriptorPoolSize sizes[] = {{VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, bindings},
                                          {VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER, texels}};
    VkDescriptorPoolCreateInfo pool = {};
    pool.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO;
    pool.maxSets = static_cast<std::uint32_t>(std::max<std::size_t>(dispatches.size(), 1));
    pool.poolSizeCount = 2;
    pool.pPoolSizes = sizes;
    Check(api.CreateDescriptorPool(gpu_.device(), &pool, nullptr, &sets_),
          "creating a descriptor pool");
    if (gpu_.can().timestamp_s > 0) {
      if (timed_ == Times::kEach) {
        timestamps_ = static_cast<std::uint32_t>(dispatches.size()) + 1;
      }
      VkQueryPoolCreateInfo queries = {};
      queries.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO;
      queries.queryType = VK_QUERY_TYPE_TIMESTAMP;
      queries.queryCount = timestamps_;
      Check(api.CreateQueryPool(gpu_.device(), &queries, nullptr, &times_),
            "creating a query pool");
    }
    sizes_ = memory_.Allocate(std::max<std::size_t>(dispatches.size(), 1) * sizeof(Groups),
                              MemoryKind::kHost, "sizes of dispatches");
    Record(pipelines, dispatches, mirrors, single);
  } catch (...) {
    Release();
    throw;
  }
}

Recording::~Recording() { Release(); }

void Recording::Release() {
  const DeviceApi& api = gpu_.api();
  for (const VkBufferView view : views_) api.DestroyBufferView(gpu_.device(), view, nullptr);
  if (sets_ != VK_NULL_HANDLE) api.DestroyDescriptorPool(gpu_.device(), sets_, nullptr);
  if (times_ != VK_NULL_HANDLE) api.DestroyQueryPool(gpu_.device(), times_, nullptr);
  for (const VkCommandBuffer commands : commands_) gpu_.FreeCommandBuffer(commands);
  memory_.Free(sizes_);
}

VkCommandBuffer Recording::NextPiece() {
  if (!commands_.empty()) gpu_.End(commands_.back());
  commands_.push_back(gpu_.NewCommandBuffer());
  gpu_.Begin(commands_.back());
  return commands_.back();
}

VkBufferView Recording::NewView(const Texels& texels) {
  const std::uint64_t texel = texels.format == VK_FORMAT_R32_UINT ? 4 : 16;
  VkBufferViewCreateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_VIEW_CREATE_INFO;
  info.buffer = texels.range.buffer;
  info.format = texels.format;
  info.offset = texels.range.offset;
  // Slices are whole multiples of a texel, whatever part of them is used.
  info.range = std::max<std::uint64_t>((texels.range.bytes + texel - 1) / texel, 1) * texel;
  VkBufferView view = VK_NULL_HANDLE;
  Check(gpu_.api().CreateBufferView(gpu_.device(), &info, nullptr, &view),
        "creating a view of a buffer");
  views_.push_back(view);
  return view;
}

VkDescriptorSet Recording::NewSet(const Pipeline& pipeline, const Dispatch& dispatch) {
  VkDescriptorSetAllocateInfo info = {};
  info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO;
  info.descriptorPool = sets_;
  info.descriptorSetCount = 1;
  info.pSetLayouts = &pipeline.sets;
  VkDescriptorSet set = VK_NULL_HANDLE;
  Check(gpu_.api().AllocateDescriptorSets(gpu_.device(), &info, &set),
        "allocating a descriptor set");
  std::vector<VkDescriptorBufferInfo> buffers;
  for (const Range& range : dispatch.bindings) {
    // What a variant of a shader leaves alone must be valid all the same.
    const Range& bound = range.buffer == VK_NULL_HANDLE ? dispatch.bindings.front() : range;
    buffers.push_back({bound.buffer, bound.offset, std::max<std::uint64_t>(bound.bytes, 4)});
  }
  std::vector<VkBufferView> views;
  for (const Texels& texels : dispatch.texels) {
    const bool unused = texels.range.buffer == VK_NULL_HANDLE;
    views.push_back(NewView(unused ? Texels{dispatch.bindings.front(), texels.format} : texels));
  }
  VkWriteDescriptorSet writes[2] = {};
  for (VkWriteDescriptorSet& write : writes) {
    write.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET;
    write.dstSet = set;
  }
  writes[0].descriptorCount = static_cast<std::uint32_t>(buffers.size());
  writes[0].descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
  writes[0].pBufferInfo = buffers.data();
  writes[1].dstBinding = writes[0].descriptorCount;
  writes[1].descriptorCount = static_cast<std::uint32_t>(views.size());
  writes[1].descriptorType = VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER;
  writes[1].pTexelBufferView = views.data();
  gpu_.api().UpdateDescriptorSets(gpu_.device(), views.empty() ? 1 : 2, writes, 0, nullptr);
  return set;
}

void Recording::Record(Pipelines& pipelines, std::span<const Dispatch> dispatches,
                       std::span<const MirrorCopy> mirrors, bool single) {
  const DeviceApi& api = gpu_.api();
  VkCommandBuffer commands = NextPiece();
  // What earlier runs and copies wrote.
  Barrier(api, commands, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, VK_ACCESS_MEMORY_WRITE_BIT,
          VK_PIPELINE_STAGE_ALL_COMMANDS_BIT,
          VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT);
  if (times_ != VK_NULL_HANDLE) {
    api.CmdResetQueryPool(commands, times_, 0, timestamps_);
    api.CmdWriteTimestamp(commands, VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT, times_, 0);
  }
  // Only plans of probes hold copies.
  const bool copies = std::any_of(dispatches.begin(), dispatches.end(), [](const Dispatch& d) {
    return d.copy_to.buffer != VK_NULL_HANDLE;
  });
  VkPipelineStageFlags stages = kCompute;
  VkAccessFlags written = VK_ACCESS_SHADER_WRITE_BIT, used = kReadWrite;
  if (copies) {
    stages |= VK_PIPELINE_STAGE_TRANSFER_BIT;
    written |= VK_ACCESS_TRANSFER_WRITE_BIT;
    used |= VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
  }
  gpu::Hazards hazards;
  VkPipeline bound = VK_NULL_HANDLE;
  std::size_t in_piece = 0;
  std::uint32_t timestamp = 0;
  const auto end_part = [&] {
    if (timed_ != Times::kEach) return;
    if (times_ != VK_NULL_HANDLE) {
      api.CmdWriteTimestamp(commands, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, times_, ++timestamp);
    }
    Barrier(api, commands, stages, written, stages, used);
  };
  for (const Dispatch& dispatch : dispatches) {
    if (!single && ++in_piece > kPieceDispatches) {
      commands = NextPiece();
      in_piece = 1;
      bound = VK_NULL_HANDLE;  // a command buffer begins with nothing bound
    }
    if (hazards.Before(dispatch.touches) && timed_ == Times::kWhole) {
      Barrier(api, commands, stages, written, stages, used);
      ++barriers_;
    }
    if (dispatch.copy_to.buffer != VK_NULL_HANDLE) {
      const VkBufferCopy copy = {dispatch.copy_from.offset, dispatch.copy_to.offset,
                                 dispatch.copy_to.bytes};
      api.CmdCopyBuffer(commands, dispatch.copy_from.buffer, dispatch.copy_to.buffer, 1, &copy);
      end_part();
      continue;
    }
    const Pipeline& pipeline = pipelines.Get(dispatch.pipeline);
    if (pipeline.pipeline != bound) {
      api.CmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.pipeline);
      bound = pipeline.pipeline;
    }
    const VkDescriptorSet set = NewSet(pipeline, dispatch);
    api.CmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.layout, 0, 1, &set,
                              0, nullptr);
    api.CmdPushConstants(commands, pipeline.layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, kPushBytes,
                         dispatch.push.data());
    const std::optional<Groups> fixed = single ? FixedGroups(dispatch) : std::nullopt;
    if (fixed) {
      api.CmdDispatch(commands, (*fixed)[0], (*fixed)[1], (*fixed)[2]);
    } else {
      api.CmdDispatchIndirect(commands, sizes_.buffer,
                              sizes_.offset + slots_.size() * sizeof(Groups));
      slots_.push_back(dispatch.groups);
    }
    end_part();
  }
  if (!mirrors.empty()) {
    Barrier(api, commands, kCompute, VK_ACCESS_SHADER_WRITE_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT,
            VK_ACCESS_TRANSFER_READ_BIT);
    for (const MirrorCopy& mirror : mirrors) {
      const VkBufferCopy copy = {mirror.from.offset, mirror.to.offset, mirror.from.bytes};
      api.CmdCopyBuffer(commands, mirror.from.buffer, mirror.to.buffer, 1, &copy);
    }
  }
  if (times_ != VK_NULL_HANDLE && timed_ == Times::kWhole) {
    api.CmdWriteTimestamp(commands, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, times_, 1);
  }
  Barrier(api, commands, kCompute | VK_PIPELINE_STAGE_TRANSFER_BIT,
          VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_HOST_BIT,
          VK_ACCESS_HOST_READ_BIT);
  gpu_.End(commands_.back());
}

std::optional<double> Recording::Run(const gpu::StepCounts& counts) {
  if (!slots_.empty() && !SameSizes(counts, last_)) {
    std::byte* to = sizes_.mapped;
    for (const auto& groups_of : slots_) {
      const Groups groups = groups_of(counts);
      std::memcpy(to, groups.data(), sizeof(Groups));
      to += sizeof(Groups);
    }
    last_ = counts;
  }
  gpu_.Submit(commands_);
  if (timed_ == Times::kEach) return std::nullopt;
  const std::vector<std::uint64_t> ticks = Ticks();
  if (ticks.empty()) return std::nullopt;
  return Seconds(ticks[0], ticks[1]);
}

std::vector<double> Recording::EachSeconds() const {
  const std::vector<std::uint64_t> ticks = Ticks();
  std::vector<double> seconds;
  for (std::size_t i = 1; i < ticks.size(); ++i) seconds.push_back(Seconds(ticks[i - 1], ticks[i]));
  return seconds;
}

std::vector<std::uint64_t> Recording::Ticks() const {
  if (times_ == VK_NULL_HANDLE) return {};
  std::vector<std::uint64_t> ticks(timestamps_);
  const VkResult result = gpu_.api().GetQueryPoolResults(
      gpu_.device(), times_, 0, timestamps_, ticks.size() * sizeof(ticks[0]), ticks.data(),
      sizeof(ticks[0]), VK_QUERY_RESULT_64_BIT);
  if (result != VK_SUCCESS) return {};
  return ticks;
}

double Recording::Seconds(std::uint64_t from, std::uint64_t to) const {
  return static_cast<double>((to - from) & gpu_.can().timestamp_mask) * gpu_.can().timestamp_s;
}

}  // namespace inferometer::vulkan
