// OpenCL's functions, found at run time, so that the program starts where there is no loader.
#ifndef INFEROMETER_BACKENDS_OPENCL_LOADER_H_
#define INFEROMETER_BACKENDS_OPENCL_LOADER_H_

#define CL_TARGET_OPENCL_VERSION 300
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#include <CL/cl.h>

#include <string>
#include <string_view>

namespace inferometer::opencl {

// clang-format off: the formatter indents each row of this list further than the one before.
#define INFEROMETER_OPENCL_FUNCTIONS(F)                     \
  F(GetPlatformIDs)                                         \
  F(GetPlatformInfo)                                        \
  F(GetDeviceIDs)                                           \
  F(GetDeviceInfo)                                          \
  F(CreateContext)                                          \
  F(ReleaseContext)                                         \
  F(CreateCommandQueue)                                     \
  F(ReleaseCommandQueue)                                    \
  F(CreateBuffer)                                           \
  F(ReleaseMemObject)                                       \
  F(CreateProgramWithSource)                                \
  F(CreateProgramWithBinary)                                \
  F(BuildProgram)                                           \
  F(GetProgramBuildInfo)                                    \
  F(GetProgramInfo)                                         \
  F(ReleaseProgram)                                         \
  F(CreateKernel)                                           \
  F(ReleaseKernel)                                          \
  F(SetKernelArg)                                           \
  F(GetKernelWorkGroupInfo)                                 \
  F(EnqueueNDRangeKernel)                                   \
  F(EnqueueReadBuffer)                                      \
  F(EnqueueWriteBuffer)                                     \
  F(EnqueueCopyBuffer)                                      \
  F(EnqueueFillBuffer)                                      \
  F(EnqueueMapBuffer)                                       \
  F(EnqueueUnmapMemObject)                                  \
  F(Finish)                                                 \
  F(GetEventProfilingInfo)                                  \
  F(ReleaseEvent)
// clang-format on

// NOLINTBEGIN(readability-identifier-naming,bugprone-macro-parentheses): the names are OpenCL's
// Each as the specification names it, without `cl`. All of OpenCL 1.2.
struct Functions {
#define INFEROMETER_OPENCL_POINTER(name) decltype(&cl##name) name = nullptr;
  INFEROMETER_OPENCL_FUNCTIONS(INFEROMETER_OPENCL_POINTER)
#undef INFEROMETER_OPENCL_POINTER
};
// NOLINTEND(readability-identifier-naming,bugprone-macro-parentheses)

struct Loader {
  Functions functions;
  std::string name;     // of the library
  std::string why_not;  // empty when all functions were found
};

// Opened at the first call, for good.
const Loader& TheLoader();
// The same, for tests that put functions in which fail.
Loader& TheLoaderToChange();

// Throws Error that says what failed and OpenCL's name for why, unless `result` is CL_SUCCESS.
void Check(cl_int result, std::string_view what);
// "CL_OUT_OF_RESOURCES", or the number.
std::string NameOfResult(cl_int result);

}  // namespace inferometer::opencl

#endif  // INFEROMETER_BACKENDS_OPENCL_LOADER_H_
