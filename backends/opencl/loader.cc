// Opens the loader, or on Android the vendor's one implementation.
#include "backends/opencl/loader.h"

#include <fmt/format.h>

#include "harness/base/dynamic_library.h"
#include "harness/base/error.h"

namespace inferometer::opencl {
namespace {

constexpr const char* kLoaders[] = {
#if defined(_WIN32)
    "OpenCL.dll",
#elif defined(__APPLE__)
    "/System/Library/Frameworks/OpenCL.framework/OpenCL",
#else
    "libOpenCL.so.1",
    "libOpenCL.so",
#if defined(__ANDROID__)
    "/vendor/lib64/libOpenCL.so",
    "/system/vendor/lib64/libOpenCL.so",
    "/vendor/lib64/egl/libGLES_mali.so",
    "/system/vendor/lib64/egl/libGLES_mali.so",
    "libOpenCL-pixel.so",
#endif
#endif
};

Loader Open() {
  Loader loader;
  const DynamicLibrary library(kLoaders);
  if (!library) {
    loader.why_not = library.why_not() + "; install your GPU's OpenCL driver and an ICD loader";
    return loader;
  }
  loader.name = library.name();
  const auto find = [&](auto& function, const char* symbol) {
    function = library.Find<std::remove_reference_t<decltype(function)>>(symbol);
    if (function == nullptr && loader.why_not.empty()) {
      loader.why_not = fmt::format("{} lacks {} of OpenCL 1.2", loader.name, symbol);
    }
  };
#define INFEROMETER_OPENCL_FIND(name) find(loader.functions.name, "cl" #name);
  INFEROMETER_OPENCL_FUNCTIONS(INFEROMETER_OPENCL_FIND)
#undef INFEROMETER_OPENCL_FIND
  return loader;
}

}  // namespace

Loader& TheLoaderToChange() {
  static Loader loader = Open();
  return loader;
}

const Loader& TheLoader() { return TheLoaderToChange(); }

std::string NameOfResult(cl_int result) {
  switch (result) {
#define INFEROMETER_OPENCL_NAME(name) \
  case name:                          \
    return #name;
    INFEROMETER_OPENCL_NAME(CL_DEVICE_NOT_FOUND)
    INFEROMETER_OPENCL_NAME(CL_DEVICE_NOT_AVAILABLE)
    INFEROMETER_OPENCL_NAME(CL_COMPILER_NOT_AVAILABLE)
    INFEROMETER_OPENCL_NAME(CL_MEM_OBJECT_ALLOCATION_FAILURE)
    INFEROMETER_OPENCL_NAME(CL_OUT_OF_RESOURCES)
    INFEROMETER_OPENCL_NAME(CL_OUT_OF_HOST_MEMORY)
    INFEROMETER_OPENCL_NAME(CL_BUILD_PROGRAM_FAILURE)
    INFEROMETER_OPENCL_NAME(CL_MAP_FAILURE)
    INFEROMETER_OPENCL_NAME(CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST)
    INFEROMETER_OPENCL_NAME(CL_INVALID_VALUE)
    INFEROMETER_OPENCL_NAME(CL_INVALID_BINARY)
    INFEROMETER_OPENCL_NAME(CL_INVALID_BUFFER_SIZE)
    INFEROMETER_OPENCL_NAME(CL_INVALID_KERNEL_NAME)
    INFEROMETER_OPENCL_NAME(CL_INVALID_KERNEL_ARGS)
    INFEROMETER_OPENCL_NAME(CL_INVALID_ARG_INDEX)
    INFEROMETER_OPENCL_NAME(CL_INVALID_ARG_SIZE)
    INFEROMETER_OPENCL_NAME(CL_INVALID_ARG_VALUE)
    INFEROMETER_OPENCL_NAME(CL_INVALID_WORK_GROUP_SIZE)
    INFEROMETER_OPENCL_NAME(CL_INVALID_OPERATION)
#undef INFEROMETER_OPENCL_NAME
    default:
      return fmt::format("OpenCL error {}", result);
  }
}

void Check(cl_int result, std::string_view what) {
  if (result == CL_SUCCESS) return;
  throw Error(ExitCode::kRunFailed, fmt::format("opencl: {}: {}", what, NameOfResult(result)));
}

}  // namespace inferometer::opencl
