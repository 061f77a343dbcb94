// Passes that work value by value or row by row.
#include "backends/vulkan/lower.h"

#include <algorithm>
#include <utility>

#include "backends/vulkan/shaders/interface.h"

namespace inferometer::vulkan {
namespace {

std::uint32_t U(std::int64_t value) { return static_cast<std::uint32_t>(value); }
std::uint32_t CeilDiv(std::int64_t value, std::int64_t by) { return U((value + by - 1) / by); }

constexpr std::uint32_t kEachThreads = 64;

}  // namespace

std::vector<Dispatch> Lowering::Lower(std::span<const gpu::Pass> passes) {
  while (!passes.empty()) {
    const std::size_t count = Stackable(passes);
    gpu::Pass all = passes.front();
    pass_ = &all;
    if (count == 1) {
      std::visit([this](const auto& work) { Add(work); }, all.work);
    } else {
      std::vector<gpu::MatMulPass> matmuls;
      all.touches.clear();
      all.ops = 0;
      for (const gpu::Pass& pass : passes.first(count)) {
        matmuls.push_back(std::get<gpu::MatMulPass>(pass.work));
        all.touches.insert(all.touches.end(), pass.touches.begin(), pass.touches.end());
        all.ops += pass.ops;
      }
      AddMatMuls(matmuls);
    }
    for (const gpu::Touch& touch : all.touches) {
      const bool writes = touch.access != Access::kRead;
      if (writes && touch.resource == static_cast<std::uint32_t>(quantized_.in)) quantized_ = {};
    }
    passes = passes.subspan(count);
  }
  return std::move(dispatches_);
}

void Lowering::Add(const Op& op) {
  std::visit([this](const auto& o) { Add(o); }, op);
}

Dispatch& Lowering::New(std::string shader, std::uint32_t threads,
                        std::vector<std::uint32_t> constants, int bindings) {
  constants.insert(constants.begin(), threads);
  Dispatch& dispatch = dispatches_.emplace_back();
  dispatch.pipeline = {std::move(shader), std::move(constants)};
  dispatch.bindings.resize(static_cast<std::size_t>(bindings));
  dispatch.bindings[BIND_STEP] = buffers_.step;
  dispatch.touches = pass_->touches;
  dispatch.first_op = pass_->first_op;
  dispatch.ops = pass_->ops;
  return dispatch;
}

Range Lowering::At(TensorId id) const {
  if (id == kNoTensor) return {};
  const Slice& slice = tensors_.At(id).parts.front();
  return {slice.buffer, slice.offset, slice.bytes};
}

void Lowering::Add(const RmsNorm& op) {
  const std::uint32_t threads = std::max(can_.workgroup, op.width >= 512 ? 64u : 8u);
  Dispatch& dispatch = New(Reduced("norm"), threads, {}, NORM_BINDINGS);
  dispatch.bindings[NORM_IN] = At(op.in);
  dispatch.bindings[NORM_WEIGHT] = At(op.weight);
  dispatch.bindings[NORM_OUT] = At(op.out);
  SetPush(dispatch, NormPush{U(op.width), U(op.groups), CountWord(op.rows), op.eps});
  dispatch.groups = [rows = op.rows, groups = U(op.groups)](const gpu::StepCounts& counts) {
    return Groups{U(CountOf(counts, rows)), groups, 1};
  };
}

void Lowering::Add(const GatedMul& op) {
  Dispatch& dispatch = New("gated", kEachThreads, {}, EACH_BINDINGS);
  dispatch.bindings[EACH_A] = At(op.gate);
  dispatch.bindings[EACH_B] = At(op.up);
  dispatch.bindings[EACH_OUT] = At(op.out);
  const std::int64_t width = op.width * op.groups;
  SetPush(dispatch, EachPush{U(width), 0, 0});
  dispatch.groups = [width](const gpu::StepCounts& counts) {
    return Groups{CeilDiv(width, kEachThreads), U(counts.tokens), 1};
  };
}

void Lowering::Add(const SelectOutputs& op) {
  Dispatch& dispatch = New("select", kEachThreads, {}, EACH_BINDINGS);
  dispatch.bindings[EACH_A] = At(op.in);
  dispatch.bindings[EACH_OUT] = At(op.out);
  SetPush(dispatch, EachPush{U(op.width), 0, U(buffers_.step_layout.OutputsAt())});
  dispatch.groups = [width = op.width](const gpu::StepCounts& counts) {
    return Groups{CeilDiv(width, kEachThreads), U(counts.outputs), 1};
  };
}

void Lowering::Add(const ExpertSum& op) {
  Dispatch& dispatch = New("expert_sum", kEachThreads, {}, EACH_BINDINGS);
  dispatch.bindings[EACH_A] = At(op.in);
  dispatch.bindings[EACH_B] = At(op.weights);
  dispatch.bindings[EACH_OUT] = At(op.out);
  SetPush(dispatch, EachPush{U(op.width), U(op.used), 0});
  dispatch.groups = [width = op.width](const gpu::StepCounts& counts) {
    return Groups{CeilDiv(width, kEachThreads), U(counts.tokens), 1};
  };
}

void Lowering::Add(const TopExperts& op) {
  Dispatch& dispatch = New("top_experts", 32, {}, EXPERTS_BINDINGS);
  dispatch.bindings[EXPERTS_SCORES] = At(op.scores);
  dispatch.bindings[EXPERTS_IDS] = At(op.ids);
  dispatch.bindings[EXPERTS_WEIGHTS] = At(op.weights);
  SetPush(dispatch, ExpertsPush{U(op.experts), U(op.used)});
  dispatch.groups = [](const gpu::StepCounts& counts) { return Groups{U(counts.tokens), 1, 1}; };
}

void Lowering::Add(const ArgMax& op) {
  for (const bool last : {false, true}) {
    Dispatch& dispatch = New("argmax", 64, {}, ARGMAX_BINDINGS);
    dispatch.bindings[ARGMAX_IN] = At(op.in);
    dispatch.bindings[ARGMAX_PARTS] = buffers_.argmax_parts;
    dispatch.bindings[ARGMAX_OUT] = At(op.out);
    SetPush(dispatch, ArgMaxPush{U(op.width), ARGMAX_SLICES, last ? 1u : 0u});
    const std::uint64_t in = static_cast<std::uint32_t>(op.in);
    const std::uint64_t out = static_cast<std::uint32_t>(op.out);
    const std::uint64_t parts = ResourceOf(Scratch::kArgMax);
    if (last) {
      dispatch.touches = {{parts, Access::kRead}, {out, Access::kWrite}};
    } else {
      dispatch.touches = {{in, Access::kRead}, {parts, Access::kWrite}};
    }
    dispatch.groups = [last](const gpu::StepCounts& counts) {
      return Groups{last ? 1u : ARGMAX_SLICES, U(counts.outputs), 1};
    };
  }
}

}  // namespace inferometer::vulkan
