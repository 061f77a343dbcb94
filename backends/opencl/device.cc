// A device: opened when it is first used, since listing devices should cost little.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "backends/opencl/opencl.h"
#include "backends/opencl/peaks.h"
#include "backends/opencl/plan.h"
#include "backends/opencl/tuning.h"
#include "harness/base/cpu_places.h"
#include "harness/base/error.h"

namespace inferometer::opencl {
namespace {

struct WhyNotVisitor {
  const Capabilities& can;

  static std::string WhyNoFormat(QuantId format) {
    if (gpu::FindPlanes(format) != nullptr) return "";
    return fmt::format("there are no kernels for {}", FormatOf(format).name);
  }

  std::string operator()(const Embed& op) const { return WhyNoFormat(op.format); }
  std::string operator()(const MatMul& op) const { return WhyNoFormat(op.format); }
  std::string operator()(const ExpertMatMul& op) const { return WhyNoFormat(op.format); }
  std::string operator()(const KvAppend& op) const { return WhyNoCache(op.format, op.head_dim); }
  std::string operator()(const Attention& op) const { return WhyNoCache(op.format, op.head_dim); }
  std::string operator()(const Rope& op) const {
    if (op.head_dim <= kMostHeadDim) return "";
    return fmt::format("heads of more than {} values are not supported", kMostHeadDim);
  }
  std::string operator()(const MemoryProbe& op) const {
    if (op.streams != 1) return "OpenCL has one way to stream";
    if (op.past_caches) return "stores cannot be told to leave the caches out";
    if (op.small_pages) return "pages are the driver's affair";
    const bool moves =
        op.pattern == MemoryPattern::kUpload || op.pattern == MemoryPattern::kDownload;
    if (can.wide && can.software && (op.host_memory || moves)) {
      return "the device computes in the host's own memory";
    }
    return "";
  }
  std::string operator()(const LatencyProbe& op) const {
    if (static_cast<std::uint64_t>(op.bytes) <= can.most_allocation) return "";
    return fmt::format("a buffer may have at most {} bytes", can.most_allocation);
  }
  std::string operator()(const ComputeProbe& op) const { return WhyNoPeak(can, op); }
  std::string operator()(const ClockProbe&) const {
    return "how many clocks an addition takes is not told";
  }
  std::string operator()(const SubgroupProbe&) const {
    return can.subgroup ? "" : "the driver has no subgroups (cl_khr_subgroups)";
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

std::string KernelsOf(const Capabilities& can) {
  if (can.wide) return fmt::format("wide{}", can.builtin ? ", with builtins" : "");
  return fmt::format("groups, {} sums", can.subgroup ? "subgroup" : "local");
}

// What is known once a device was opened.
std::string SizesText(const Capabilities& can, const Sizes& sizes) {
  const std::string_view tuned = sizes.tuned ? "tuned" : "default";
  if (!can.wide) return fmt::format(", {} sizes ({} work-items)", tuned, sizes.matvec_items);
  return fmt::format(", {} sizes ({} groups a unit, tiles of {} x {})", tuned,
                     sizes.groups_per_unit, sizes.gemm_rows, 16 * sizes.gemm_blocks);
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

class OpenClDevice : public Device {
 public:
  OpenClDevice(cl_platform_id platform, cl_device_id device, const Capabilities& can,
               std::string id)
      : platform_(platform), device_(device), can_(can) {
    info_ = {.id = std::move(id),
             .backend = "opencl",
             .name = can.name,
             .kernels = KernelsOf(can),
             .driver = can.driver,
             .software = can.software,
             .threads = 0,
             .memory_bytes = can.memory_bytes};
  }

  const DeviceInfo& Info() const override { return info_; }
  std::string WhyNot(const Op& op) const override { return std::visit(WhyNotVisitor{can_}, op); }

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
    return std::make_unique<OpenClPlan>(Open(), ops);
  }

  void Read(TensorId id, std::span<std::byte> out) override { Open()->tensors.Read(id, out); }
  void Write(TensorId id, std::span<const std::byte> data) override {
    Open()->tensors.Write(id, data);
  }

 private:
  const std::shared_ptr<Engine>& Open() {
    if (!engine_) {
      Unpinned([this] {
        engine_ = std::make_shared<Engine>(platform_, device_, can_);
        if (can_.tuning) Tune(engine_, CacheFolder());
      });
      info_.kernels = KernelsOf(can_) + SizesText(can_, engine_->sizes);
    }
    return engine_;
  }

  const cl_platform_id platform_;
  const cl_device_id device_;
  const Capabilities can_;
  DeviceInfo info_;
  std::shared_ptr<Engine> engine_;
};

constexpr cl_uint kMostPlatforms = 32, kMostDevices = 64;
constexpr cl_int kNoPlatforms = -1001;  // CL_PLATFORM_NOT_FOUND_KHR

// The devices, and why those that are missing are.
std::vector<std::unique_ptr<Device>> Open(const Overrides& overrides, std::string& why_none) {
  std::vector<std::unique_ptr<Device>> devices;
  const Loader& loader = TheLoader();
  const auto say = [&why_none](const std::string& reason) {
    why_none += (why_none.empty() ? "" : "; ") + reason;
  };
  if (!loader.why_not.empty()) {
    say(loader.why_not);
    return devices;
  }
  const Functions& cl = loader.functions;
  std::vector<cl_platform_id> platforms(kMostPlatforms);
  cl_uint count = 0;
  cl_int result = CL_SUCCESS;
  Unpinned([&] { result = cl.GetPlatformIDs(kMostPlatforms, platforms.data(), &count); });
  if (result == kNoPlatforms || (result == CL_SUCCESS && count == 0)) {
    say("the loader found no driver; install your GPU's OpenCL driver");
    return devices;
  }
  if (result != CL_SUCCESS) {
    say("the loader lists no platforms: " + NameOfResult(result));
    return devices;
  }
  platforms.resize(std::min(count, kMostPlatforms));
  std::vector<std::string> ids;
  for (const cl_platform_id platform : platforms) {
    std::vector<cl_device_id> found(kMostDevices);
    count = 0;
    Unpinned([&] {
      result = cl.GetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, kMostDevices, found.data(), &count);
    });
    if (result != CL_SUCCESS) {
      say(fmt::format("{}: {}", PlatformName(cl, platform), NameOfResult(result)));
      continue;
    }
    found.resize(std::min(count, kMostDevices));
    for (const cl_device_id device : found) {
      std::string why_not;
      const Capabilities can = ReadCapabilities(cl, platform, device, overrides, why_not);
      if (!why_not.empty()) {
        say(fmt::format("{}: {}", can.name, why_not));
        continue;
      }
      std::string id = "opencl:" + SlugOf(can.name);
      const auto same = std::count(ids.begin(), ids.end(), id);
      ids.push_back(id);
      if (same > 0) id += fmt::format("-{}", same + 1);
      devices.push_back(std::make_unique<OpenClDevice>(platform, device, can, std::move(id)));
    }
  }
  return devices;
}

}  // namespace

std::vector<std::unique_ptr<Device>> OpenDevices(const Overrides& overrides) {
  std::string why_none;
  return Open(overrides, why_none);
}

std::vector<std::unique_ptr<Device>> OpenDevices(const DeviceOptions&) {
  const char* text = std::getenv("INFEROMETER_OPENCL");
  return OpenDevices(ParseOverrides(text == nullptr ? "" : text));
}

std::string WhyNone() {
  std::string why_none;
  Open({}, why_none);
  return why_none;
}

}  // namespace inferometer::opencl
