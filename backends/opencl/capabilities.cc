// Asks a device. Specification: OpenCL 3.0, section 4.2.
#include "backends/opencl/capabilities.h"

#include <CL/cl_ext.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <vector>

namespace inferometer::opencl {
namespace {

constexpr std::size_t kMostBytes = 256 << 10;  // of one answer

class Asker {
 public:
  Asker(const Functions& cl, cl_device_id device) : cl_(cl), device_(device) {}

  std::string Text(cl_device_info what) const {
    std::size_t size = 0;
    if (cl_.GetDeviceInfo(device_, what, 0, nullptr, &size) != CL_SUCCESS || size > kMostBytes) {
      return "";
    }
    std::string text(size, '\0');
    if (cl_.GetDeviceInfo(device_, what, size, text.data(), nullptr) != CL_SUCCESS) return "";
    return text.substr(0, text.find('\0'));
  }

  template <typename T>
  T Value(cl_device_info what, T otherwise) const {
    T value{};
    std::size_t size = 0;
    const cl_int result = cl_.GetDeviceInfo(device_, what, sizeof(T), &value, &size);
    return result == CL_SUCCESS && size == sizeof(T) ? value : otherwise;
  }

 private:
  const Functions& cl_;
  cl_device_id device_;
};

}  // namespace

std::string PlatformName(const Functions& cl, cl_platform_id platform) {
  char text[1024] = {};
  if (cl.GetPlatformInfo(platform, CL_PLATFORM_NAME, sizeof(text) - 1, text, nullptr) !=
      CL_SUCCESS) {
    return "unnamed platform";
  }
  return text;
}

namespace {

// Renderers that emulate a GPU on the processor, and the simulator of oclgrind.
bool IsSoftwareName(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const char* mark : {"llvmpipe", "softpipe", "oclgrind"}) {
    if (name.find(mark) != std::string::npos) return true;
  }
  return false;
}

bool DotInHardware(const Asker& ask) {
  cl_device_integer_dot_product_acceleration_properties_khr packed{};
  packed =
      ask.Value(CL_DEVICE_INTEGER_DOT_PRODUCT_ACCELERATION_PROPERTIES_4x8BIT_PACKED_KHR, packed);
  return packed.signed_accelerated == CL_TRUE;
}

}  // namespace

Capabilities ReadCapabilities(const Functions& cl, cl_platform_id platform, cl_device_id device,
                              const Overrides& overrides, std::string& why_not) {
  const Asker ask(cl, device);
  Capabilities can;
  can.platform = PlatformName(cl, platform);
  can.name = ask.Text(CL_DEVICE_NAME);
  if (can.name.empty()) {
    can.name = can.platform;
    why_not = "the device does not even tell its name";
    return can;
  }
  can.driver = fmt::format("{}, {}", ask.Text(CL_DEVICE_VERSION), ask.Text(CL_DRIVER_VERSION));
  if (ask.Value<cl_bool>(CL_DEVICE_AVAILABLE, CL_FALSE) != CL_TRUE) {
    why_not = "the driver says that the device is not available";
  } else if (ask.Value<cl_bool>(CL_DEVICE_COMPILER_AVAILABLE, CL_FALSE) != CL_TRUE) {
    why_not = "the driver has no compiler for OpenCL C";
  } else if (ask.Value<cl_bool>(CL_DEVICE_ENDIAN_LITTLE, CL_FALSE) != CL_TRUE) {
    why_not = "the device is big-endian";
  } else if (ask.Text(CL_DEVICE_VERSION).starts_with("OpenCL 1.0") ||
             ask.Text(CL_DEVICE_VERSION).starts_with("OpenCL 1.1")) {
    why_not = "OpenCL 1.2 is needed, and the driver has " + ask.Text(CL_DEVICE_VERSION);
  }
  const std::string extensions = " " + ask.Text(CL_DEVICE_EXTENSIONS) + " ";
  const auto has = [&extensions](const char* name) {
    return extensions.find(fmt::format(" {} ", name)) != std::string::npos;
  };
  const bool cpu = (ask.Value<cl_device_type>(CL_DEVICE_TYPE, 0) & CL_DEVICE_TYPE_CPU) != 0;
  can.software = cpu || IsSoftwareName(can.name);
  can.wide = overrides.path == Path::kByDevice ? cpu : overrides.path == Path::kWide;
  can.unified =
      overrides.unified && ask.Value<cl_bool>(CL_DEVICE_HOST_UNIFIED_MEMORY, CL_FALSE) == CL_TRUE;
  can.language3 = ask.Text(CL_DEVICE_VERSION).starts_with("OpenCL 3.");
  can.subgroup = overrides.subgroup && (has("cl_khr_subgroups") || has("cl_intel_subgroups"));
  can.fp16 = overrides.fp16 && has("cl_khr_fp16");
  can.dot = overrides.dot && has("cl_khr_integer_dot_product") && DotInHardware(ask);
  can.fma = (ask.Value<cl_device_fp_config>(CL_DEVICE_SINGLE_FP_CONFIG, 0) & CL_FP_FMA) != 0;
  can.builtin = overrides.builtin;
  can.tuning = overrides.tuning;
  can.units = std::max<cl_uint>(1, ask.Value<cl_uint>(CL_DEVICE_MAX_COMPUTE_UNITS, 1));
  can.most_items = static_cast<std::uint32_t>(
      std::max<std::size_t>(1, ask.Value<std::size_t>(CL_DEVICE_MAX_WORK_GROUP_SIZE, 1)));
  can.local_bytes = ask.Value<cl_ulong>(CL_DEVICE_LOCAL_MEM_SIZE, 0);
  can.memory_bytes = ask.Value<cl_ulong>(CL_DEVICE_GLOBAL_MEM_SIZE, 0);
  can.most_allocation = ask.Value<cl_ulong>(CL_DEVICE_MAX_MEM_ALLOC_SIZE, 0);
  // Kernels count 32-bit words and 16-byte blocks of a buffer in 32 bits; 2 GiB is safe for both.
  can.most_range = std::min<std::uint64_t>(can.most_allocation, std::uint64_t{1} << 31);
  if (overrides.range > 0) can.most_range = std::min(can.most_range, overrides.range);
  return can;
}

}  // namespace inferometer::opencl
