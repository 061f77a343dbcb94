// Synthetic loads for the roofs.
#include <fmt/format.h>

#include <algorithm>

#include "backends/vulkan/lower.h"
#include "backends/vulkan/shaders/interface.h"

namespace inferometer::vulkan {
namespace {

std::uint32_t U(std::int64_t value) { return static_cast<std::uint32_t>(value); }

// Enough workgroups to keep the largest devices busy, and few enough for the smallest to hold.
constexpr std::uint32_t kProbeGroups = 1024, kProbeThreads = 128, kLaneThreads = 8;
constexpr std::int64_t kPiece = std::int64_t{64} << 20;  // bytes bound at once
constexpr std::uint32_t kSalt = 1;  // what shaders are given and compilers cannot know

struct Peak {
  const char* shader;
  std::int64_t operations;  // of one round of a workgroup; see probe_compute.comp
  std::vector<std::uint32_t> constants;
  std::uint32_t threads = kProbeThreads;
};
Peak PeakOf(const ComputeProbe& op, const MatrixUnit& unit) {
  if (op.matrix) {
    const std::uint32_t subgroups = std::max(kProbeThreads / unit.lanes, 1u);
    return {"probe_matrix",
            subgroups * PROBE_MATRIX_CHAINS * 2 * unit.m * unit.n * unit.k,
            {unit.m, unit.n, 0, 0, unit.k},
            subgroups * unit.lanes};
  }
  switch (op.type) {
    case NumberType::kFp16:
      return {"probe_compute.fp16", 3 * 2 * 2 * kProbeThreads, {}};
    case NumberType::kInt8:
      return {"probe_compute.int8", 3 * 8 * kProbeThreads, {}};
    default:
      return {"probe_compute.fp32", 3 * 4 * 2 * kProbeThreads, {}};
  }
}

}  // namespace

void Lowering::Add(const MemoryProbe& op) {
  if (op.pattern == MemoryPattern::kUpload || op.pattern == MemoryPattern::kDownload) {
    for (std::int64_t pass = 0; pass < op.passes; ++pass) {
      Dispatch& copy = New("", 0, {}, 1);
      copy.copy_from = At(op.a);
      copy.copy_to = At(op.b);
      copy.copy_from.bytes = copy.copy_to.bytes = static_cast<std::uint64_t>(op.bytes);
    }
    return;
  }
  const auto most = static_cast<std::int64_t>(can_.most_range) / 4096 * 4096;
  const std::int64_t piece = std::min(kPiece, most);
  const auto pattern = op.pattern == MemoryPattern::kRead    ? PATTERN_READ
                       : op.pattern == MemoryPattern::kCopy  ? PATTERN_COPY
                       : op.pattern == MemoryPattern::kTriad ? PATTERN_TRIAD
                                                             : PATTERN_FILL;
  const bool texels = can_.lanes && op.pattern == MemoryPattern::kRead;
  for (std::int64_t pass = 0; pass < op.passes; ++pass) {
    for (std::int64_t at = 0; at < op.bytes; at += piece) {
      const std::int64_t bytes = std::min(piece, op.bytes - at);
      Dispatch& dispatch = texels ? New("probe_texels", kLaneThreads, {}, PROBE_BINDINGS)
                                  : New("probe_memory", kProbeThreads, {pattern}, PROBE_BINDINGS);
      const auto bind = [&](int binding, TensorId id) {
        if (id == kNoTensor) return;
        Range range = At(id);
        range.offset += static_cast<std::uint64_t>(at);
        range.bytes = static_cast<std::uint64_t>(bytes);
        dispatch.bindings[static_cast<std::size_t>(binding)] = range;
      };
      bind(PROBE_A, op.a);
      bind(PROBE_B, op.b);
      bind(PROBE_C, op.c);
      if (texels) dispatch.texels = {{dispatch.bindings[PROBE_A], VK_FORMAT_R32G32B32A32_UINT}};
      dispatch.bindings[PROBE_SINK] = buffers_.sink;
      // Pieces of one pass touch different bytes; passes of copies write the same ones again.
      if (at > 0) dispatch.touches.clear();
      const std::int64_t vectors = bytes / 16;
      SetPush(dispatch, ProbePush{U(vectors), 0, U(at / 16), kSalt});
      const auto groups =
          U(std::clamp<std::int64_t>(vectors / (4 * kProbeThreads), 1, kProbeGroups));
      dispatch.groups = [groups](const gpu::StepCounts&) { return Groups{groups, 1, 1}; };
    }
  }
}

void Lowering::Add(const LatencyProbe& op) {
  Dispatch& dispatch = New("probe_chase", 1, {}, PROBE_BINDINGS);
  dispatch.bindings[PROBE_A] = At(op.a);
  dispatch.bindings[PROBE_SINK] = buffers_.sink;
  dispatch.touches.push_back({ResourceOf(Scratch::kSink), Access::kReadWrite});
  SetPush(dispatch, ProbePush{0, U(op.hops), 0, kSalt});
  dispatch.groups = [](const gpu::StepCounts&) { return Groups{1, 1, 1}; };
}

void Lowering::Add(const ComputeProbe& op) {
  const Peak peak = PeakOf(op, can_.matrix_unit);
  // As many workgroups of whole rounds as come closest to what is asked for.
  const std::int64_t each = peak.operations;
  constexpr std::int64_t kTurn = PROBE_ROUNDS;
  const std::int64_t rounds =
      std::max<std::int64_t>(op.operations / (each * kProbeGroups), 64) / kTurn * kTurn;
  const std::int64_t groups =
      std::max<std::int64_t>((op.operations + each * rounds / 2) / (each * rounds), 1);
  constexpr std::int64_t kMostRounds = 1 << 20;  // of a dispatch, so that no watchdog bites
  for (std::int64_t left = rounds; left > 0; left -= kMostRounds) {
    Dispatch& dispatch = New(peak.shader, peak.threads, peak.constants, PROBE_BINDINGS);
    dispatch.bindings[PROBE_SINK] = buffers_.sink;
    SetPush(dispatch, ProbePush{0, U(std::min(left, kMostRounds)), 0xfffffff1u, kSalt});
    dispatch.groups = [groups](const gpu::StepCounts&) { return Groups{U(groups), 1, 1}; };
  }
}

void Lowering::Add(const ClockProbe&) {}  // refused by WhyNot

void Lowering::Add(const SubgroupProbe& op) {
  Dispatch& dispatch = New("probe_subgroup", can_.subgroup_size, {}, PROBE_BINDINGS);
  dispatch.bindings[PROBE_SINK] = buffers_.sink;
  SetPush(dispatch, ProbePush{0, U(op.sums), 0xfffffff1u, kSalt});
  dispatch.groups = [](const gpu::StepCounts&) { return Groups{1, 1, 1}; };
}

void Lowering::Add(const LaunchProbe& op) {
  for (std::int64_t i = 0; i < op.count; ++i) {
    Dispatch& dispatch = New("probe_nothing", 8, {}, PROBE_BINDINGS);
    // Each waits for the one before, as the passes of a model mostly do.
    dispatch.touches.push_back({ResourceOf(Scratch::kSink), Access::kReadWrite});
    dispatch.groups = [](const gpu::StepCounts&) { return Groups{1, 1, 1}; };
  }
}

}  // namespace inferometer::vulkan
