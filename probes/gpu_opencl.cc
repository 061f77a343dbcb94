// Asks OpenCL's loader for every device. Specification: OpenCL 3.0, section 4, and its extensions.
#include "probes/gpu_driver.h"

#if INFEROMETER_HAVE_OPENCL_HEADERS

#define CL_TARGET_OPENCL_VERSION 300
#include <CL/cl.h>
#include <CL/cl_ext.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <sstream>
#include <vector>

#include "harness/base/dynamic_library.h"

namespace inferometer {
namespace {

using Json = nlohmann::json;

constexpr std::uint32_t kMostPlatforms = 32, kMostDevices = 64;
constexpr std::size_t kMostBytes = 256 << 10;  // of one answer
constexpr const char* kLoaders[] = {
#if defined(_WIN32)
    "OpenCL.dll",
#elif defined(__APPLE__)
    "/System/Library/Frameworks/OpenCL.framework/OpenCL",
#else
    "libOpenCL.so.1",
    "libOpenCL.so",
#if defined(__ANDROID__)
    // Android has no loader; the vendors put their one implementation here.
    "/vendor/lib64/libOpenCL.so",
    "/system/vendor/lib64/libOpenCL.so",
    "/vendor/lib64/egl/libGLES_mali.so",
    "/system/vendor/lib64/egl/libGLES_mali.so",
    "libOpenCL-pixel.so",
#endif
#endif
};

struct Functions {
  decltype(&clGetPlatformIDs) platforms = nullptr;
  decltype(&clGetPlatformInfo) platform_info = nullptr;
  decltype(&clGetDeviceIDs) devices = nullptr;
  decltype(&clGetDeviceInfo) device_info = nullptr;
};

class Gpu {
 public:
  Gpu(const Functions& cl, cl_device_id device) : cl_(cl), device_(device) {
    std::istringstream words(Text(CL_DEVICE_EXTENSIONS).value_or(""));
    for (std::string word; words >> word && extensions_.size() < 1024;) extensions_.push_back(word);
  }

  Json Describe() {
    Basics();
    Limits();
    Features();
    Identity();
    row_["extensions"] = extensions_;
    return std::move(row_);
  }

 private:
  bool Has(const char* extension) const {
    return std::find(extensions_.begin(), extensions_.end(), extension) != extensions_.end();
  }

  std::optional<std::vector<char>> Bytes(cl_device_info what) const {
    std::size_t size = 0;
    if (cl_.device_info(device_, what, 0, nullptr, &size) != CL_SUCCESS || size > kMostBytes)
      return std::nullopt;
    std::vector<char> bytes(size);
    if (size > 0 && cl_.device_info(device_, what, size, bytes.data(), nullptr) != CL_SUCCESS)
      return std::nullopt;
    return bytes;
  }

  std::optional<std::string> Text(cl_device_info what) const {
    const auto bytes = Bytes(what);
    if (!bytes) return std::nullopt;
    return std::string(bytes->begin(), std::find(bytes->begin(), bytes->end(), '\0'));
  }

  // The answers are fixed-size numbers and structures, or lists of them.
  template <typename T>
  std::vector<T> List(cl_device_info what) const {
    const auto bytes = Bytes(what);
    std::vector<T> list(bytes ? bytes->size() / sizeof(T) : 0);
    if (!list.empty()) std::memcpy(list.data(), bytes->data(), list.size() * sizeof(T));
    return list;
  }

  template <typename T>
  std::optional<T> Value(cl_device_info what) const {
    const auto list = List<T>(what);
    if (list.size() != 1) return std::nullopt;
    return list.front();
  }

  template <typename T>
  Json Number(cl_device_info what) const {
    const auto value = Value<T>(what);
    return value ? Json(*value) : Json(nullptr);
  }

  Json TextOrNull(cl_device_info what) const {
    const auto text = Text(what);
    return text && !text->empty() ? Json(*text) : Json(nullptr);
  }

  void Basics() {
    const auto type = Value<cl_device_type>(CL_DEVICE_TYPE).value_or(0);
    const auto unified = Value<cl_bool>(CL_DEVICE_HOST_UNIFIED_MEMORY);
    const std::string name = Text(CL_DEVICE_NAME).value_or("");
    const bool cpu = (type & CL_DEVICE_TYPE_CPU) != 0, gpu = (type & CL_DEVICE_TYPE_GPU) != 0;
    row_["name"] = name;
    if (Has("cl_amd_device_attribute_query"))  // the other name is the chip's, "gfx1100"
      row_["board_name"] = TextOrNull(CL_DEVICE_BOARD_NAME_AMD);
    row_["vendor"] = TextOrNull(CL_DEVICE_VENDOR);
    const auto vendor = Value<cl_uint>(CL_DEVICE_VENDOR_ID);
    row_["vendor_id"] = vendor ? Json(PciId(*vendor)) : Json(nullptr);
    row_["version"] = TextOrNull(CL_DEVICE_VERSION);
    row_["driver_version"] = TextOrNull(CL_DRIVER_VERSION);
    row_["type"] = cpu        ? "cpu"
                   : !gpu     ? "other"
                   : !unified ? "gpu"
                   : *unified ? "integrated"
                              : "discrete";
    row_["software"] = cpu || IsSoftwareName(name);
    row_["compute_units"] = Number<cl_uint>(CL_DEVICE_MAX_COMPUTE_UNITS);
    const auto mhz = Value<cl_uint>(CL_DEVICE_MAX_CLOCK_FREQUENCY);
    row_["max_clock_hz"] = mhz && *mhz > 0 ? Json(std::uint64_t{*mhz} * 1000000) : Json(nullptr);
  }

  void Limits() {
    row_["global_memory_bytes"] = Number<cl_ulong>(CL_DEVICE_GLOBAL_MEM_SIZE);
    row_["max_allocation_bytes"] = Number<cl_ulong>(CL_DEVICE_MAX_MEM_ALLOC_SIZE);
    row_["constant_buffer_bytes"] = Number<cl_ulong>(CL_DEVICE_MAX_CONSTANT_BUFFER_SIZE);
    row_["cache_bytes"] = Number<cl_ulong>(CL_DEVICE_GLOBAL_MEM_CACHE_SIZE);
    row_["local_memory_bytes"] = Number<cl_ulong>(CL_DEVICE_LOCAL_MEM_SIZE);
    const auto kind = Value<cl_device_local_mem_type>(CL_DEVICE_LOCAL_MEM_TYPE);
    // "global": there is none apart, and staging in it gains nothing.
    row_["local_memory_type"] = !kind               ? Json(nullptr)
                                : *kind == CL_LOCAL ? Json("local")
                                                    : Json("global");
    row_["max_workgroup_invocations"] = Number<std::size_t>(CL_DEVICE_MAX_WORK_GROUP_SIZE);
    row_["max_workgroup_size"] = List<std::size_t>(CL_DEVICE_MAX_WORK_ITEM_SIZES);
    row_["max_arguments_bytes"] = Number<std::size_t>(CL_DEVICE_MAX_PARAMETER_SIZE);
    row_["timer_resolution_ns"] = Number<std::size_t>(CL_DEVICE_PROFILING_TIMER_RESOLUTION);
    row_["unified_memory"] = Bool(CL_DEVICE_HOST_UNIFIED_MEMORY);
    const auto subgroups = Value<cl_uint>(CL_DEVICE_MAX_NUM_SUB_GROUPS);
    row_["max_subgroups"] = subgroups ? Json(*subgroups) : Json(nullptr);
    if (Has("cl_intel_required_subgroup_size"))
      row_["subgroup_sizes"] = List<std::size_t>(CL_DEVICE_SUB_GROUP_SIZES_INTEL);
    if (const auto size = SubgroupSize()) row_["subgroup_size"] = *size;
  }

  std::optional<cl_uint> SubgroupSize() const {
    if (Has("cl_nv_device_attribute_query")) return Value<cl_uint>(CL_DEVICE_WARP_SIZE_NV);
    if (Has("cl_amd_device_attribute_query")) return Value<cl_uint>(CL_DEVICE_WAVEFRONT_WIDTH_AMD);
    return std::nullopt;
  }

  Json Bool(cl_device_info what) const {
    const auto value = Value<cl_bool>(what);
    return value ? Json(*value == CL_TRUE) : Json(nullptr);
  }

  void Features() {
    row_["fp16"] = Has("cl_khr_fp16");
    row_["fp64"] = Has("cl_khr_fp64") ||
                   Value<cl_device_fp_config>(CL_DEVICE_DOUBLE_FP_CONFIG).value_or(0) != 0;
    row_["subgroups"] = Has("cl_khr_subgroups") || Has("cl_intel_subgroups") ||
                        Value<cl_uint>(CL_DEVICE_MAX_NUM_SUB_GROUPS).value_or(0) > 0;
    row_["images"] = Bool(CL_DEVICE_IMAGE_SUPPORT);
    row_["il_version"] = TextOrNull(CL_DEVICE_IL_VERSION);
    row_["dot_product"] = Has("cl_khr_integer_dot_product");
    if (Has("cl_khr_integer_dot_product")) {
      using Acceleration = cl_device_integer_dot_product_acceleration_properties_khr;
      const auto plain =
          Value<Acceleration>(CL_DEVICE_INTEGER_DOT_PRODUCT_ACCELERATION_PROPERTIES_8BIT_KHR);
      const auto packed = Value<Acceleration>(
          CL_DEVICE_INTEGER_DOT_PRODUCT_ACCELERATION_PROPERTIES_4x8BIT_PACKED_KHR);
      if (plain) row_["dot_int8_accelerated"] = plain->signed_accelerated == CL_TRUE;
      if (packed) row_["dot_int8_packed_accelerated"] = packed->signed_accelerated == CL_TRUE;
    }
    // The newest language version: a list since OpenCL 3.0, a sentence before.
    cl_version newest = 0;
    for (const cl_name_version& one : List<cl_name_version>(CL_DEVICE_OPENCL_C_ALL_VERSIONS))
      newest = std::max(newest, one.version);
    if (newest != 0) {
      row_["c_version"] =
          std::to_string(CL_VERSION_MAJOR(newest)) + "." + std::to_string(CL_VERSION_MINOR(newest));
    } else if (const auto text = Text(CL_DEVICE_OPENCL_C_VERSION)) {  // "OpenCL C 1.2 PoCL ..."
      constexpr std::string_view kBefore = "OpenCL C ";
      if (text->starts_with(kBefore))
        row_["c_version"] =
            text->substr(kBefore.size(), text->find(' ', kBefore.size()) - kBefore.size());
    }
    Json features = Json::array();
    for (const cl_name_version& one : List<cl_name_version>(CL_DEVICE_OPENCL_C_FEATURES))
      features.push_back(DriverText(one.name));
    row_["c_features"] = std::move(features);
  }

  void Identity() {
    Json& identity = row_["identity"] = Json::object();
    if (Has("cl_khr_device_uuid")) {
      const auto uuid = List<unsigned char>(CL_DEVICE_UUID_KHR);
      identity["uuid"] = HexOf(uuid.data(), uuid.size());
      const auto luid = List<unsigned char>(CL_DEVICE_LUID_KHR);
      if (Value<cl_bool>(CL_DEVICE_LUID_VALID_KHR) == cl_bool{CL_TRUE})
        identity["luid"] = HexOf(luid.data(), luid.size());
    }
    if (Has("cl_khr_pci_bus_info")) {
      if (const auto pci = Value<cl_device_pci_bus_info_khr>(CL_DEVICE_PCI_BUS_INFO_KHR))
        row_["pci_address"] =
            PciAddress(pci->pci_domain, pci->pci_bus, pci->pci_device, pci->pci_function);
    } else if (Has("cl_nv_device_attribute_query")) {
      const auto bus = Value<cl_uint>(0x4008), slot = Value<cl_uint>(0x4009),
                 domain = Value<cl_uint>(0x400a);  // CL_DEVICE_PCI_{BUS,SLOT,DOMAIN}_ID_NV
      if (bus && slot)
        row_["pci_address"] = PciAddress(domain.value_or(0), *bus, *slot >> 3, *slot & 7);
    } else if (Has("cl_amd_device_attribute_query")) {
      // cl_device_topology_amd: type 1 is PCIe; bus, device, function are its last bytes.
      const auto bytes = List<unsigned char>(CL_DEVICE_TOPOLOGY_AMD);
      if (bytes.size() == 24 && bytes[0] == 1)
        row_["pci_address"] = PciAddress(0, bytes[21], bytes[22], bytes[23]);
    }
    if (Has("cl_intel_device_attribute_query")) {
      if (const auto id = Value<cl_uint>(CL_DEVICE_ID_INTEL)) row_["device_id"] = PciId(*id);
    }
  }

  const Functions& cl_;
  cl_device_id device_;
  std::vector<std::string> extensions_;
  Json row_;
};

std::string PlatformText(const Functions& cl, cl_platform_id platform, cl_platform_info what) {
  std::size_t size = 0;
  if (cl.platform_info(platform, what, 0, nullptr, &size) != CL_SUCCESS || size > kMostBytes)
    return "";
  std::vector<char> text(size + 1, '\0');
  if (cl.platform_info(platform, what, size, text.data(), nullptr) != CL_SUCCESS) return "";
  return text.data();
}

Json Answer(const char* status, std::string reason) {
  return {{"status", status}, {"reason", std::move(reason)}, {"devices", Json::array()}};
}

}  // namespace

Json DescribeOpenCl() {
  const DynamicLibrary loader(kLoaders);
  if (!loader) return Answer("no loader", loader.why_not());
  Functions cl;
  cl.platforms = loader.Find<decltype(cl.platforms)>("clGetPlatformIDs");
  cl.platform_info = loader.Find<decltype(cl.platform_info)>("clGetPlatformInfo");
  cl.devices = loader.Find<decltype(cl.devices)>("clGetDeviceIDs");
  cl.device_info = loader.Find<decltype(cl.device_info)>("clGetDeviceInfo");
  if (cl.platforms == nullptr || cl.platform_info == nullptr || cl.devices == nullptr ||
      cl.device_info == nullptr) {
    return Answer("no loader", loader.name() + " is no OpenCL loader: it has no clGetDeviceInfo");
  }
  Json answer = Answer("ok", "");
  answer["loader"] = loader.name();
  const auto say = [&answer](const char* status, std::string reason) {
    answer["status"] = status;
    answer["reason"] = std::move(reason);
    return answer;
  };
  std::vector<cl_platform_id> platforms(kMostPlatforms);
  cl_uint count = 0;
  const cl_int result = cl.platforms(kMostPlatforms, platforms.data(), &count);
  if (result == CL_PLATFORM_NOT_FOUND_KHR || (result == CL_SUCCESS && count == 0))
    return say("no driver", "the loader found no driver that it can use");
  if (result != CL_SUCCESS)
    return say("no driver", "clGetPlatformIDs failed with " + std::to_string(result));
  platforms.resize(std::min(count, kMostPlatforms));
  for (const cl_platform_id platform : platforms) {
    std::vector<cl_device_id> devices(kMostDevices);
    if (cl.devices(platform, CL_DEVICE_TYPE_ALL, kMostDevices, devices.data(), &count) !=
        CL_SUCCESS)
      continue;
    devices.resize(std::min(count, kMostDevices));
    for (const cl_device_id device : devices) {
      Json row = Gpu(cl, device).Describe();
      row["platform"] = PlatformText(cl, platform, CL_PLATFORM_NAME);
      row["platform_version"] = PlatformText(cl, platform, CL_PLATFORM_VERSION);
      answer["devices"].push_back(std::move(row));
    }
  }
  if (answer["devices"].empty())
    return say("no device", "the driver is there and offers no device");
  return answer;
}

}  // namespace inferometer

#else

namespace inferometer {

nlohmann::json DescribeOpenCl() {
  return {{"status", "not built"},
          {"reason", "this program was built without the OpenCL headers"},
          {"devices", nlohmann::json::array()}};
}

}  // namespace inferometer

#endif
