// All that a device in use holds, in the order in which it must go.
#ifndef INFEROMETER_BACKENDS_OPENCL_ENGINE_H_
#define INFEROMETER_BACKENDS_OPENCL_ENGINE_H_

#include "backends/opencl/programs.h"
#include "backends/opencl/sizes.h"
#include "backends/opencl/tensors.h"
#include "harness/base/cache_folder.h"

namespace inferometer::opencl {

struct Engine {
  Engine(cl_platform_id platform, cl_device_id device, const Capabilities& can)
      : gpu(platform, device, can), programs(gpu, CacheFolder()), tensors(gpu) {}

  Gpu gpu;
  Programs programs;
  Tensors tensors;
  Sizes sizes;  // of plans made from now on
};

}  // namespace inferometer::opencl

#endif  // INFEROMETER_BACKENDS_OPENCL_ENGINE_H_
