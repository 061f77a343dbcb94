// Passes that work value by value or row by row.
#include "backends/opencl/lower.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace inferometer::opencl {
namespace {

constexpr std::int64_t kValuesEach = 16;  // of a work-item of each.cl

}  // namespace

std::vector<Dispatch> Lowering::Lower(std::span<const gpu::Pass> passes) {
  for (std::size_t i = 0; i < passes.size(); i += passes_) {
    pass_ = &passes[i];
    passes_ = BesideEachOther(passes.subspan(i));
    for (const gpu::Pass& pass : passes.subspan(i, passes_)) {
      for (const gpu::Touch& touch : pass.touches) {
        const bool written = touch.access != Access::kRead;
        if (written && packed_ && touch.resource == static_cast<std::uint32_t>(packed_->in)) {
          packed_.reset();
        }
      }
    }
    const Op* op = std::get_if<Op>(&pass_->work);
    const RmsNorm* norm = op == nullptr ? nullptr : std::get_if<RmsNorm>(op);
    if (passes_ > 1) {
      AddBeside(passes.subspan(i, passes_));
    } else if (norm != nullptr && i + 1 < passes.size() && PacksRowsOf(*norm, passes[i + 1])) {
      AddNormRows(*norm);
    } else {
      std::visit([this](const auto& work) { Add(work); }, pass_->work);
    }
  }
  return std::move(dispatches_);
}

void Lowering::Add(const Op& op) {
  std::visit([this](const auto& o) { Add(o); }, op);
}

Dispatch& Lowering::New(std::string source, std::string defines, std::string kernel,
                        std::size_t items) {
  if (!defines.empty()) defines += ' ';
  defines += fmt::format("-DITEMS={}", items);
  Dispatch& dispatch = dispatches_.emplace_back();
  dispatch.program = {std::move(source), std::move(defines)};
  dispatch.kernel = std::move(kernel);
  dispatch.items = items;
  dispatch.args.emplace_back(buffers_.step);
  dispatch.first_op = pass_->first_op;
  for (std::size_t i = 0; i < passes_; ++i) dispatch.ops += pass_[i].ops;
  return dispatch;
}

cl_mem Lowering::At(TensorId id) const {
  return id == kNoTensor ? nullptr : tensors_.At(id).parts.front().get();
}

void Lowering::Add(const RmsNorm& op) {
  Dispatch& dispatch = New("norm", "", "norm", Items(1, 64));
  dispatch.args.insert(dispatch.args.end(), {At(op.in), At(op.weight), At(op.out), U(op.width),
                                             U(op.groups), CountWord(op.rows), op.eps});
  dispatch.groups = [rows = op.rows, groups = op.groups](const gpu::StepCounts& counts) {
    return Groups{CeilDiv(groups, 1), CeilDiv(CountOf(counts, rows), 1), 1};
  };
}

void Lowering::Add(const GatedMul& op) {
  const std::int64_t width = op.width * op.groups;
  Dispatch& dispatch = New("each", "", "gated", Items(16, 64));
  dispatch.args.insert(dispatch.args.end(), {At(op.gate), At(op.up), At(op.out), U(width)});
  const auto each = kValuesEach * static_cast<std::int64_t>(dispatch.items);
  dispatch.groups = [=](const gpu::StepCounts& counts) {
    return Groups{CeilDiv(width, each), CeilDiv(counts.tokens, 1), 1};
  };
}

void Lowering::Add(const SelectOutputs& op) {
  Dispatch& dispatch = New("each", "", "select_rows", Items(16, 64));
  dispatch.args.insert(dispatch.args.end(),
                       {At(op.in), At(op.out), U(op.width), U(buffers_.step_layout.OutputsAt())});
  const auto each = kValuesEach * static_cast<std::int64_t>(dispatch.items);
  dispatch.groups = [=, width = op.width](const gpu::StepCounts& counts) {
    return Groups{CeilDiv(width, each), CeilDiv(counts.outputs, 1), 1};
  };
}

void Lowering::Add(const ExpertSum& op) {
  Dispatch& dispatch = New("each", "", "expert_sum", Items(16, 64));
  dispatch.args.insert(dispatch.args.end(),
                       {At(op.in), At(op.weights), At(op.out), U(op.width), U(op.used)});
  const auto each = kValuesEach * static_cast<std::int64_t>(dispatch.items);
  dispatch.groups = [=, width = op.width](const gpu::StepCounts& counts) {
    return Groups{CeilDiv(width, each), CeilDiv(counts.tokens, 1), 1};
  };
}

void Lowering::Add(const TopExperts& op) {
  Dispatch& dispatch = New("choose", "", "top_experts", Items(1, 64));
  dispatch.args.insert(dispatch.args.end(),
                       {At(op.scores), At(op.ids), At(op.weights), U(op.experts), U(op.used)});
  const auto items = static_cast<std::int64_t>(dispatch.items);
  dispatch.groups = [items](const gpu::StepCounts& counts) {
    return Groups{CeilDiv(counts.tokens, items), 1, 1};
  };
}

void Lowering::Add(const ArgMax& op) {
  Dispatch& parts = New("choose", "", "argmax_parts", Items(1, 64));
  parts.args.insert(parts.args.end(), {At(op.in), buffers_.argmax_parts, U(op.width)});
  parts.groups = [](const gpu::StepCounts& counts) {
    return Groups{kArgMaxSlices, CeilDiv(counts.outputs, 1), 1};
  };
  Dispatch& last = New("choose", "", "argmax", Items(1, 64));
  last.args.insert(last.args.end(), {buffers_.argmax_parts, At(op.out), U(kArgMaxSlices)});
  last.groups = [](const gpu::StepCounts& counts) {
    return Groups{1, CeilDiv(counts.outputs, 1), 1};
  };
}

}  // namespace inferometer::opencl
