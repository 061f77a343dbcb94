// An OpenCL driver that misbehaves as FAKE_BEHAVIOUR says: hangs, crashes, offers nothing, or tells
// garbage. Interface: the extension cl_khr_icd.
#define CL_TARGET_OPENCL_VERSION 300
#include <CL/cl.h>
#include <CL/cl_icd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

enum Behaviour { kHang, kCrash, kEmpty, kGarbage };
constexpr Behaviour kBehaviour = FAKE_BEHAVIOUR;

struct Object {  // what the loader needs to know of a platform or a device
  cl_icd_dispatch* dispatch;
};
cl_icd_dispatch the_table = {};
Object the_platform = {&the_table}, the_device = {&the_table};

cl_int Give(const void* data, std::size_t size, std::size_t room, void* value, std::size_t* told) {
  if (value != nullptr) std::memcpy(value, data, std::min(size, room));
  if (told != nullptr) *told = size;
  return CL_SUCCESS;
}

cl_int CL_API_CALL PlatformInfo(cl_platform_id, cl_platform_info what, std::size_t room,
                                void* value, std::size_t* told) {
  const char* text = what == CL_PLATFORM_EXTENSIONS       ? "cl_khr_icd"
                     : what == CL_PLATFORM_ICD_SUFFIX_KHR ? "FAKE"
                     : what == CL_PLATFORM_VERSION        ? "OpenCL 1.2 fake"
                                                          : "Fake";
  return Give(text, std::strlen(text) + 1, room, value, told);
}

cl_int CL_API_CALL Devices(cl_platform_id, cl_device_type, cl_uint room, cl_device_id* devices,
                           cl_uint* count) {
  if (kBehaviour == kHang) {
    for (;;) pause();
  }
  if (kBehaviour == kCrash) std::abort();
  if (kBehaviour == kEmpty) return CL_DEVICE_NOT_FOUND;
  std::printf("{\"status\": \"this driver talks on stdout\"}\n");
  std::fflush(stdout);
  if (devices != nullptr && room > 0) devices[0] = reinterpret_cast<cl_device_id>(&the_device);
  if (count != nullptr) *count = 1;
  return CL_SUCCESS;
}

cl_int CL_API_CALL DeviceInfo(cl_device_id, cl_device_info what, std::size_t room, void* value,
                              std::size_t* told) {
  if (what == CL_DEVICE_EXTENSIONS) return Give("", std::size_t{1} << 40, 0, nullptr, told);
  constexpr char kGarbage[] = "Evil\x1b[31m\n\"\xff\xc3";
  return Give(kGarbage, sizeof kGarbage - 1, room, value, told);  // no NUL, odd sizes
}

cl_int CL_API_CALL Platforms(cl_uint room, cl_platform_id* platforms, cl_uint* count) {
  the_table.clGetPlatformIDs = &Platforms;
  the_table.clGetPlatformInfo = &PlatformInfo;
  the_table.clGetDeviceIDs = &Devices;
  the_table.clGetDeviceInfo = &DeviceInfo;
  if (platforms != nullptr && room > 0)
    platforms[0] = reinterpret_cast<cl_platform_id>(&the_platform);
  if (count != nullptr) *count = 1;
  return CL_SUCCESS;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) void* CL_API_CALL
clGetExtensionFunctionAddress(const char* name) {
  const std::string_view wanted = name;
  if (wanted == "clIcdGetPlatformIDsKHR") return reinterpret_cast<void*>(&Platforms);
  if (wanted == "clGetPlatformInfo") return reinterpret_cast<void*>(&PlatformInfo);
  return nullptr;
}
