// Features that are switched off, and limits made smaller, so that every path of the kernels can be
// tried on any device, and a driver's broken feature be left out.
#ifndef INFEROMETER_BACKENDS_OPENCL_OVERRIDES_H_
#define INFEROMETER_BACKENDS_OPENCL_OVERRIDES_H_

#include <cstdint>
#include <string_view>

namespace inferometer::opencl {

// How the work of a matrix or of attention is shared out.
enum class Path : std::uint8_t {
  kByDevice,
  kWide,   // a work-item works through whole rows with vectors of 16: processors
  kGroup,  // the work-items of a group share a row and sum through local memory or subgroups: GPUs
};

struct Overrides {
  Path path = Path::kByDevice;
  bool subgroup = true;     // sums within subgroups
  bool fp16 = true;         // arithmetic in binary16
  bool dot = true;          // packed integer dot products
  bool builtin = true;      // a processor's own instructions, where its compiler offers them
  bool unified = true;      // buffers in memory that the host shares
  bool tuning = true;       // sizes of work by trying, else the defaults
  std::uint64_t range = 0;  // most bytes of a buffer of weights; 0: the device's
};

// "no-subgroup path=group": words apart by spaces or commas. Throws Error naming an unknown word
// and the known ones.
Overrides ParseOverrides(std::string_view text);

}  // namespace inferometer::opencl

#endif  // INFEROMETER_BACKENDS_OPENCL_OVERRIDES_H_
