// The widest arithmetic of each number type.
//
// int8 products summed in 32 bits are had in three ways: by packed dot products, by a processor's
// sums of pairs of 16-bit products, or, exactly too, as fp32: |a · b| < 2^14, so that a thousand
// sums stay below 2^24.
#include "backends/opencl/peaks.h"

#include <fmt/format.h>

#include <algorithm>

namespace inferometer::opencl {
namespace {

enum Kind { kFp32 = 0, kFp16 = 1, kDot = 2, kMadd = 3 };  // KIND of peak.cl

// Groups for each unit: enough for a processor's threads to end together, or to fill a GPU.
constexpr std::size_t kWideGroups = 4, kGpuGroups = 32, kGpuItems = 256;

}  // namespace

PeakKernel PeakOf(const Capabilities& can, NumberType type) {
  Kind kind = kFp32;
  int lanes = can.wide ? 16 : 4, chains = can.wide ? 12 : 8;
  double operations = 2;  // of a lane
  if (type == NumberType::kFp16) {
    kind = kFp16;
  } else if (type == NumberType::kInt8 && can.dot) {
    kind = kDot;
    lanes = 4;
    operations = 8;
  } else if (type == NumberType::kInt8 && can.wide && can.builtin) {
    kind = kMadd;
    operations = 4;
  }
  PeakKernel peak;
  peak.defines =
      fmt::format("-DKIND={} -DLANES={} -DCHAINS={}", static_cast<int>(kind), lanes, chains);
  peak.items = can.wide ? 1 : std::min<std::size_t>(kGpuItems, can.most_items);
  peak.groups = can.units * (can.wide ? kWideGroups : kGpuGroups);
  peak.operations_of_round = operations * lanes * chains;
  return peak;
}

std::string WhyNoPeak(const Capabilities& can, const ComputeProbe& op) {
  if (op.matrix) return "OpenCL has no instructions for matrices";
  if (op.type == NumberType::kBf16) return "OpenCL C has no arithmetic in bf16";
  if (op.type == NumberType::kFp16 && !can.fp16) return "no arithmetic in fp16 (cl_khr_fp16)";
  return "";
}

}  // namespace inferometer::opencl
