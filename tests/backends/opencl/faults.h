// Makes functions of OpenCL fail, as those of a driver whose device is lost do.
#ifndef INFEROMETER_TESTS_BACKENDS_OPENCL_FAULTS_H_
#define INFEROMETER_TESTS_BACKENDS_OPENCL_FAULTS_H_

#include <gtest/gtest.h>

#include "backends/opencl/loader.h"
#include "tests/backends/opencl/driver.h"

namespace inferometer::opencl {

inline int calls_left = 0;  // of the function at fault, until it fails; from then on it always does

inline bool Fails() { return calls_left-- <= 0; }

// Puts the functions back at the end.
class FaultsTest : public testing::Test {
 protected:
  void SetUp() override { SKIP_WITHOUT(FirstDevice()); }
  void TearDown() override { Mend(); }

  static const Functions& Good() {
    static const Functions good = TheLoader().functions;
    return good;
  }
  static void Mend() { TheLoaderToChange().functions = Good(); }

  static void LaunchFails(int calls) {
    Good();
    calls_left = calls;
    TheLoaderToChange().functions.EnqueueNDRangeKernel =
        [](cl_command_queue queue, cl_kernel kernel, cl_uint dimensions, const std::size_t* offset,
           const std::size_t* global, const std::size_t* local, cl_uint count,
           const cl_event* waited, cl_event* event) -> cl_int {
      if (Fails()) return CL_OUT_OF_RESOURCES;
      return Good().EnqueueNDRangeKernel(queue, kernel, dimensions, offset, global, local, count,
                                         waited, event);
    };
  }
  // As a driver says that notices the loss while it waits.
  static void WaitFails(int calls) {
    Good();
    calls_left = calls;
    TheLoaderToChange().functions.Finish = [](cl_command_queue queue) -> cl_int {
      const cl_int result = Good().Finish(queue);
      return Fails() ? CL_DEVICE_NOT_AVAILABLE : result;
    };
  }
  static void MemoryFails(int calls) {
    Good();
    calls_left = calls;
    TheLoaderToChange().functions.CreateBuffer = [](cl_context context, cl_mem_flags flags,
                                                    std::size_t bytes, void* host,
                                                    cl_int* result) -> cl_mem {
      if (!Fails()) return Good().CreateBuffer(context, flags, bytes, host, result);
      *result = CL_MEM_OBJECT_ALLOCATION_FAILURE;
      return nullptr;
    };
  }
  static void ContextFails() {
    Good();
    TheLoaderToChange().functions.CreateContext =
        [](const cl_context_properties*, cl_uint, const cl_device_id*,
           void(CL_CALLBACK*)(const char*, const void*, std::size_t, void*), void*,
           cl_int* result) -> cl_context {
      *result = CL_DEVICE_NOT_AVAILABLE;
      return nullptr;
    };
  }
};

}  // namespace inferometer::opencl

#endif  // INFEROMETER_TESTS_BACKENDS_OPENCL_FAULTS_H_
