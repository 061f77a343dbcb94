// The probes that ceilings are measured with.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "backends/opencl/lower.h"
#include "backends/opencl/peaks.h"

namespace inferometer::opencl {
namespace {

constexpr std::int64_t kPiece = 4096;
// Groups of a stream for each unit, and work-items of one on a GPU.
constexpr std::int64_t kStreamGroups = 8, kStreamItems = 256;

}  // namespace

void Lowering::Add(const MemoryProbe& op) {
  if (op.pattern == MemoryPattern::kUpload || op.pattern == MemoryPattern::kDownload) {
    Dispatch& dispatch = New("", "", "", 1);
    dispatch.args = {At(op.a), At(op.b)};
    dispatch.copied_bytes = static_cast<std::uint64_t>(op.bytes);
    dispatch.repeat = static_cast<std::size_t>(op.passes);
    return;
  }
  const char* kernel = op.pattern == MemoryPattern::kRead    ? "memory_read"
                       : op.pattern == MemoryPattern::kCopy  ? "memory_copy"
                       : op.pattern == MemoryPattern::kTriad ? "memory_triad"
                                                             : "memory_fill";
  Dispatch& dispatch = New("probe", "", kernel, Items(1, kStreamItems));
  dispatch.args = {At(op.a)};
  if (op.pattern == MemoryPattern::kRead) dispatch.args.emplace_back(buffers_.sink);
  if (op.pattern == MemoryPattern::kCopy) dispatch.args.emplace_back(At(op.b));
  if (op.pattern == MemoryPattern::kTriad) {
    dispatch.args.insert(dispatch.args.end(), {At(op.b), At(op.c)});
  }
  dispatch.idle_arg = static_cast<int>(dispatch.args.size());
  dispatch.args.emplace_back(U(op.bytes / kPiece));
  if (op.pattern != MemoryPattern::kFill) dispatch.args.emplace_back(U(op.passes));
  const std::int64_t groups =
      std::min(op.bytes / kPiece, kStreamGroups * static_cast<std::int64_t>(can_.units));
  dispatch.groups = [groups](const gpu::StepCounts&) { return Groups{CeilDiv(groups, 1), 1, 1}; };
}

void Lowering::Add(const LatencyProbe& op) {
  Dispatch& dispatch = New("probe", "", "chase", Items(1, kStreamItems));
  dispatch.args = {At(op.a), buffers_.sink, U(op.hops)};
  dispatch.idle_arg = 2;
  dispatch.groups = [](const gpu::StepCounts&) { return Groups{1, 1, 1}; };
}

void Lowering::Add(const ComputeProbe& op) {
  const PeakKernel peak = PeakOf(can_, op.type);
  Dispatch& dispatch = New("peak", peak.defines, "peak", peak.items);
  const double each = peak.operations_of_round * static_cast<double>(peak.groups * peak.items);
  const double rounds = static_cast<double>(op.operations) / each;
  dispatch.args = {buffers_.sink, std::max(1u, static_cast<std::uint32_t>(std::llround(rounds)))};
  dispatch.idle_arg = 1;
  dispatch.groups = [groups = peak.groups](const gpu::StepCounts&) { return Groups{groups, 1, 1}; };
}

void Lowering::Add(const SubgroupProbe& op) {
  Dispatch& dispatch = New("probe", "", "subgroup_sums", Items(1, kStreamItems));
  dispatch.args = {buffers_.sink, U(op.sums)};
  dispatch.idle_arg = 1;
  dispatch.groups = [](const gpu::StepCounts&) { return Groups{1, 1, 1}; };
}

void Lowering::Add(const LaunchProbe& op) {
  Dispatch& dispatch = New("probe", "", "nothing", Items(1, kStreamItems));
  dispatch.args = {buffers_.sink};
  dispatch.repeat = static_cast<std::size_t>(op.count);
  dispatch.groups = [](const gpu::StepCounts&) { return Groups{1, 1, 1}; };
}

}  // namespace inferometer::opencl
