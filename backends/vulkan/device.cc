// A device: opened when it is first used, since listing devices should cost little.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <exception>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "backends/vulkan/plan.h"
#include "backends/vulkan/shaders/interface.h"
#include "backends/vulkan/vulkan.h"
#include "harness/base/cpu_places.h"
#include "harness/base/error.h"

namespace inferometer::vulkan {
namespace {

struct WhyNotVisitor {
  const Capabilities& can;

  static std::string WhyNoFormat(QuantId format) {
    if (gpu::FindPlanes(format) != nullptr) return "";
    return fmt::format("there are no shaders for {}", FormatOf(format).name);
  }
  static std::string WhyNoCache(QuantId format, std::int64_t head_dim) {
    if (format != QuantId::kF32 && format != QuantId::kF16 && format != QuantId::kBF16 &&
        format != QuantId::kQ8_0) {
      return fmt::format("a KV cache in {} is not supported, only f32, f16, bf16 and q8_0",
                         FormatOf(format).name);
    }
    const std::int64_t whole = format == QuantId::kQ8_0 ? 32 : 4;
    if (head_dim % whole != 0 || head_dim > 256) {
      return fmt::format(
          "heads of {} values are not supported in {}, only multiples of {} up to "
          "256",
          head_dim, FormatOf(format).name, whole);
    }
    return "";
  }

  std::string operator()(const Embed& op) const { return WhyNoFormat(op.format); }
  std::string operator()(const MatMul& op) const { return WhyNoFormat(op.format); }
  std::string operator()(const ExpertMatMul& op) const { return WhyNoFormat(op.format); }
  std::string operator()(const KvAppend& op) const { return WhyNoCache(op.format, op.head_dim); }
  std::string operator()(const Attention& op) const { return WhyNoCache(op.format, op.head_dim); }
  std::string operator()(const Rope& op) const {
    return op.head_dim > 256 ? "heads of more than 256 values are not supported" : "";
  }
  std::string operator()(const TopExperts& op) const {
    return op.experts > MOST_EXPERTS
               ? fmt::format("more than {} experts are not supported", MOST_EXPERTS)
               : "";
  }
  std::string operator()(const MemoryProbe& op) const {
    if (op.streams != 1) return "a GPU has one way to stream";
    if (op.past_caches) return "stores cannot be told to leave the caches out";
    if (op.small_pages) return "pages are the driver's affair";
    return "";
  }
  std::string operator()(const LatencyProbe& op) const {
    if (static_cast<std::uint64_t>(op.bytes) <= can.most_range) return "";
    return fmt::format("a shader sees at most {} bytes at once", can.most_range);
  }
  std::string operator()(const ComputeProbe& op) const {
    if (op.matrix && op.type != NumberType::kFp16) {
      return "shaders multiply small matrices of fp16 alone";
    }
    if (op.matrix) return can.matrix ? "" : "cooperative matrices: " + can.why_no_matrix;
    if (op.type == NumberType::kBf16) return "shaders have no arithmetic in bf16";
    if (op.type == NumberType::kFp16 && !can.fp16) return "no arithmetic in fp16 (shaderFloat16)";
    if (op.type == NumberType::kInt8 && !can.dot) {
      return "no packed dot products (VK_KHR_shader_integer_dot_product)";
    }
    return "";
  }
  std::string operator()(const SubgroupProbe&) const {
    return can.subgroup ? "" : "no subgroup arithmetic in compute shaders";
  }
  std::string operator()(const ClockProbe&) const {
    return "an addition takes a GPU several clocks, and how many is not told";
  }
  template <typename T>
  std::string operator()(const T&) const {
    return "";
  }
};

// "nvidia-geforce-rtx-4090" of a name; what stands in parentheses is left out.
std::string SlugOf(const std::string& name) {
  std::string slug;
  for (const char c : name.substr(0, name.find('('))) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      slug += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug.empty() ? "device" : slug;
}

// What drivers get wrong is left out in this order; the words are those of overrides.h.
struct Careful {
  std::string_view word;
  bool Capabilities::* uses;
  bool Overrides::* may;
};
constexpr Careful kCareful[] = {
    {"no-matrix", &Capabilities::matrix, &Overrides::matrix},
    {"no-lanes", &Capabilities::lanes, &Overrides::lanes},
    {"no-dot", &Capabilities::dot_accelerated, &Overrides::dot},
    {"no-subgroup", &Capabilities::subgroup, &Overrides::subgroup},
    {"no-unified", &Capabilities::unified, &Overrides::unified},
};

std::string KernelsOf(const Capabilities& can) {
  if (can.lanes) return "planes, a row for each of 8 lanes";
  std::string more = can.dot_accelerated ? ", packed dot products" : "";
  if (can.matrix) {
    const MatrixUnit& unit = can.matrix_unit;
    more += fmt::format(", cooperative matrices {}x{}x{}", unit.m, unit.n, unit.k);
  }
  return fmt::format("planes, {} sums, workgroups of {}{}",
                     can.subgroup ? fmt::format("subgroup-{}", can.subgroup_size) : "shared",
                     can.workgroup, more);
}

std::string WithoutOf(const Capabilities& can) {
  return can.matrix ? "" : "cooperative matrices: " + can.why_no_matrix;
}

// Calls f on a thread of its own that may run anywhere: a pool pins whoever enters it, and the
// threads of drivers that compute on the processor may run only where their creator could.
template <typename F>
void Unpinned(F&& f) {
  std::exception_ptr failure;
  std::thread([&] {
    try {
      UnpinThisThread();
      f();
    } catch (...) {
      failure = std::current_exception();
    }
  }).join();
  if (failure) std::rethrow_exception(failure);
}

class VulkanDevice : public Device {
 public:
  VulkanDevice(std::shared_ptr<Instance> instance, VkPhysicalDevice physical,
               const Capabilities& can, const Overrides& overrides, std::string id)
      : instance_(std::move(instance)), physical_(physical), overrides_(overrides), can_(can) {
    info_ = {.id = std::move(id),
             .backend = "vulkan",
             .name = can.name,
             .kernels = KernelsOf(can),
             .without = WithoutOf(can),
             .driver = can.driver,
             .software = can.software,
             .threads = 0,
             .memory_bytes = can.heap_bytes};
  }

  const DeviceInfo& Info() const override { return info_; }
  std::string WhyNot(const Op& op) const override { return std::visit(WhyNotVisitor{can_}, op); }

  std::string BeMoreCareful() override {
    if (engine_ && (engine_.use_count() > 1 || !engine_->tensors.empty())) return "";  // in use
    engine_.reset();
    for (const Careful& way : kCareful) {
      if (!(can_.*way.uses)) continue;
      overrides_.*way.may = false;
      std::string why_not;
      can_ = ReadCapabilities(*instance_, physical_, overrides_, why_not);
      info_.kernels = KernelsOf(can_);
      info_.without = WithoutOf(can_);
      return std::string(way.word);
    }
    return "";
  }

  TensorId Upload(const TensorDesc& desc, std::span<const std::byte> data) override {
    Engine& engine = *Open();
    constexpr std::size_t kWorthThreads = std::size_t{1} << 20;
    if (data.size() < kWorthThreads) return engine.tensors.Add(desc, data, nullptr);
    TensorId id = kNoTensor;
    Unpinned([&] {
      ThreadPool pool(DefaultThreads());
      id = engine.tensors.Add(desc, data, &pool);
    });
    return id;
  }
  void Free(TensorId id) override { Open()->tensors.Remove(id); }

  std::unique_ptr<Plan> Prepare(std::span<const Op> ops) override {
    for (const Op& op : ops) {
      const std::string reason = WhyNot(op);
      if (!reason.empty()) {
        throw Error(ExitCode::kRunFailed, fmt::format("{}: {}", NameOf(op), reason));
      }
    }
    return std::make_unique<VulkanPlan>(Open(), ops);
  }

  void Read(TensorId id, std::span<std::byte> out) override { Open()->tensors.Read(id, out); }
  void Write(TensorId id, std::span<const std::byte> data) override {
    Open()->tensors.Write(id, data);
  }

 private:
  const std::shared_ptr<Engine>& Open() {
    if (!engine_) {
      Unpinned([this] { engine_ = std::make_shared<Engine>(instance_, physical_, can_); });
    }
    return engine_;
  }

  const std::shared_ptr<Instance> instance_;
  const VkPhysicalDevice physical_;
  Overrides overrides_;
  Capabilities can_;
  DeviceInfo info_;
  std::shared_ptr<Engine> engine_;
};

// The devices, and why there is none.
std::vector<std::unique_ptr<Device>> Open(const Overrides& overrides, std::string& why_none) {
  std::vector<std::unique_ptr<Device>> devices;
  if (Shaders().empty()) {
    why_none = "this build has no shaders, since glslc was missing; ci/setup installs it";
    return devices;
  }
  std::shared_ptr<Instance> instance;
  Unpinned([&] { instance = Instance::Open(why_none); });
  if (!instance) return devices;
  std::vector<std::string> ids;
  for (const VkPhysicalDevice physical : instance->devices()) {
    std::string why_not;
    const Capabilities can = ReadCapabilities(*instance, physical, overrides, why_not);
    if (!why_not.empty()) {
      why_none += fmt::format("{}{}: {}", why_none.empty() ? "" : "; ", can.name, why_not);
      continue;
    }
    std::string id = "vulkan:" + SlugOf(can.name);
    const auto same = std::count(ids.begin(), ids.end(), id);
    ids.push_back(id);
    if (same > 0) id += fmt::format("-{}", same + 1);
    devices.push_back(
        std::make_unique<VulkanDevice>(instance, physical, can, overrides, std::move(id)));
  }
  return devices;
}

}  // namespace

std::vector<std::unique_ptr<Device>> OpenDevices(const Overrides& overrides) {
  std::string why_none;
  return Open(overrides, why_none);
}

std::vector<std::unique_ptr<Device>> OpenDevices(const DeviceOptions&) {
  const char* text = std::getenv("INFEROMETER_VULKAN");
  return OpenDevices(ParseOverrides(text == nullptr ? "" : text));
}

std::string WhyNone() {
  std::string why_none;
  Open({}, why_none);
  return why_none;
}

}  // namespace inferometer::vulkan
