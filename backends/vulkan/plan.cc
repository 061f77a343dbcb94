// Makes a plan ready and runs it.
#include "backends/vulkan/plan.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "backends/vulkan/shaders/interface.h"
#include "harness/base/clock.h"

namespace inferometer::vulkan {
namespace {

constexpr std::size_t kClasses = std::size(kRowClasses) + 1;

std::int64_t MostOf(std::size_t row_class) {
  return row_class < std::size(kRowClasses) ? kRowClasses[row_class] : kManyRows;
}

std::int64_t RoomOf(std::int64_t limit, std::int64_t otherwise) {
  return limit == StepLimits::kNone ? otherwise : limit;
}

// Tensors that hold an op's result for the host, a few bytes each.
TensorId ResultOf(const Op& op) {
  const auto* argmax = std::get_if<ArgMax>(&op);
  return argmax == nullptr ? kNoTensor : argmax->out;
}

}  // namespace

VulkanPlan::VulkanPlan(std::shared_ptr<Engine> engine, std::span<const Op> ops)
    : engine_(std::move(engine)),
      ops_(ops.begin(), ops.end()),
      limits_(CheckOps(
          ops, [this](TensorId id) -> const TensorDesc& { return engine_->tensors.At(id).desc; })),
      tokens_(RoomOf(limits_.tokens, RoomOf(limits_.outputs, 1))),
      outputs_(RoomOf(limits_.outputs, tokens_)) {
  try {
    MakeBuffers(ops);
    if (!engine_->gpu.can().unified) MakeMirrors(ops);
    Record();
    engine_->pipelines.Save();
  } catch (...) {
    recordings_.clear();
    for (const Slice& slice : slices_) engine_->memory.Free(slice);
    throw;
  }
}

VulkanPlan::~VulkanPlan() {
  apart_.clear();
  recordings_.clear();
  for (const Slice& slice : slices_) engine_->memory.Free(slice);
}

std::size_t VulkanPlan::ClassOf(std::int64_t rows) {
  return static_cast<std::size_t>(std::find_if(std::begin(kRowClasses), std::end(kRowClasses),
                                               [rows](std::int64_t most) { return rows <= most; }) -
                                  std::begin(kRowClasses));
}

Range VulkanPlan::NewBuffer(std::uint64_t bytes, MemoryKind kind, const char* what) {
  const Slice slice = engine_->memory.Allocate(bytes, kind, what);
  slices_.push_back(slice);
  return {slice.buffer, slice.offset, slice.bytes};
}

void VulkanPlan::MakeBuffers(std::span<const Op> ops) {
  buffers_.step_layout = gpu::StepBuffer(tokens_, outputs_, kTileTokens);
  buffers_.step = NewBuffer(static_cast<std::uint64_t>(4 * buffers_.step_layout.Words()),
                            MemoryKind::kHost, "step");
  step_slice_ = slices_.back();
  std::memset(step_slice_.mapped, 0, step_slice_.bytes);
  buffers_.sink = NewBuffer(64, MemoryKind::kTensor, "sink");
  engine_->transfer.Zero(slices_.back());
  std::uint64_t attention_bytes = 0, argmax_bytes = 0, quantized_bytes = 0;
  for (const Op& op : ops) {
    quantized_bytes =
        std::max(quantized_bytes, QuantizedBytes(engine_->gpu.can(), op, tokens_, outputs_));
    if (const auto* rope = std::get_if<Rope>(&op)) {
      if (buffers_.rope_tables.contains(rope->frequencies)) continue;
      RopeTable table;
      table.frequencies.resize(static_cast<std::size_t>(rope->rope_dim / 2));
      engine_->tensors.Read(rope->frequencies,
                            std::as_writable_bytes(std::span(table.frequencies)));
      buffers_.rope_tables[rope->frequencies] =
          NewBuffer(static_cast<std::uint64_t>(4 * tokens_ * rope->rope_dim), MemoryKind::kHost,
                    "angles of rotation");
      table.slice = slices_.back();
      ropes_.push_back(std::move(table));
    } else if (const auto* attention = std::get_if<Attention>(&op)) {
      attention_bytes =
          std::max(attention_bytes, AttentionPartBytes(*attention, tokens_, limits_.positions));
    } else if (std::holds_alternative<ArgMax>(op)) {
      argmax_bytes = static_cast<std::uint64_t>(8 * ARGMAX_SLICES * outputs_);
    }
  }
  if (attention_bytes > 0) {
    buffers_.attention_parts =
        NewBuffer(attention_bytes, MemoryKind::kTensor, "partial sums of attention");
  }
  if (quantized_bytes > 0) {
    buffers_.quantized = NewBuffer(quantized_bytes, MemoryKind::kTensor, "columns in int8");
  }
  if (argmax_bytes > 0) {
    buffers_.argmax_parts = NewBuffer(argmax_bytes, MemoryKind::kTensor, "partial maxima");
  }
}

void VulkanPlan::MakeMirrors(std::span<const Op> ops) {
  for (const Op& op : ops) {
    const TensorId id = ResultOf(op);
    if (id == kNoTensor) continue;
    const Slice& from = engine_->tensors.At(id).parts.front();
    const Range to = NewBuffer(from.bytes, MemoryKind::kReadback, "results");
    mirrors_.push_back({{from.buffer, from.offset, from.bytes}, to});
    mirrored_.push_back(id);
  }
}

void VulkanPlan::Record() {
  const std::int64_t outputs =
      limits_.outputs == StepLimits::kNone ? 1 : std::min(outputs_, tokens_);
  const auto possible = [](std::size_t row_class, std::int64_t limit) {
    return row_class == 0 || kRowClasses[row_class - 1] < limit;
  };
  for (std::size_t t = 0; t < kClasses && possible(t, tokens_); ++t) {
    for (std::size_t s = 0; s <= t && possible(s, outputs); ++s) {
      recordings_[{t, s}] = std::make_unique<Recording>(
          engine_->gpu, engine_->memory, engine_->pipelines, Lower({t, s}), mirrors_, t == 0);
    }
  }
}

std::vector<Dispatch> VulkanPlan::Lower(Classes classes) const {
  const RowClass rows{MostOf(classes.first), MostOf(classes.second)};
  const auto passes = gpu::MakePasses(ops_, OptionsFor({rows.tokens, 1}));
  return Lowering(engine_->gpu.can(), engine_->tensors, buffers_, rows).Lower(passes);
}

VulkanPlan::Classes VulkanPlan::ClassesOf(std::int64_t tokens, std::int64_t outputs) const {
  return {ClassOf(std::clamp<std::int64_t>(tokens, 1, tokens_)),
          limits_.outputs == StepLimits::kNone ? 0 : ClassOf(std::max<std::int64_t>(outputs, 1))};
}

gpu::StepCounts VulkanPlan::Fill(const Step& step) {
  const auto words = std::span(reinterpret_cast<std::uint32_t*>(step_slice_.mapped),
                               static_cast<std::size_t>(buffers_.step_layout.Words()));
  const gpu::StepCounts counts = buffers_.step_layout.Fill(step, kSplitPositions, words);
  for (const RopeTable& rope : ropes_) {
    auto* to = reinterpret_cast<float*>(rope.slice.mapped);
    for (const TokenAt& token : step.tokens) {
      for (const float frequency : rope.frequencies) {
        const double angle = static_cast<double>(token.position) * frequency;
        *to++ = static_cast<float>(std::cos(angle));
        *to++ = static_cast<float>(std::sin(angle));
      }
    }
  }
  return counts;
}

void VulkanPlan::ShowMirrors() {
  for (std::size_t i = 0; i < mirrored_.size(); ++i) {
    Tensor& tensor = engine_->tensors.At(mirrored_[i]);
    const auto slice = std::find_if(slices_.begin(), slices_.end(), [&](const Slice& s) {
      return s.buffer == mirrors_[i].to.buffer && s.offset == mirrors_[i].to.offset;
    });
    tensor.mirror = slice->mapped;
    tensor.mirror_bytes = mirrors_[i].to.bytes;
  }
}

Timing VulkanPlan::Run(const Step& step) {
  CheckStep(step, limits_);
  const double start_s = NowSeconds();
  const gpu::StepCounts counts = Fill(step);
  const std::optional<double> device_s =
      recordings_.at(ClassesOf(counts.tokens, counts.outputs))->Run(counts);
  ShowMirrors();
  return {NowSeconds() - start_s, device_s};
}

StepProfile VulkanPlan::Profile(const Step& step) {
  CheckStep(step, limits_);
  if (engine_->gpu.can().timestamp_s <= 0) return {{}, "the device has no timestamps"};
  const gpu::StepCounts counts = Fill(step);
  const Classes classes = ClassesOf(counts.tokens, counts.outputs);
  Apart& apart = apart_[classes];
  if (!apart.recording) {
    const std::vector<Dispatch> dispatches = Lower(classes);
    apart.parts.clear();
    for (const Dispatch& dispatch : dispatches) {
      const bool copies = dispatch.copy_to.buffer != VK_NULL_HANDLE;
      apart.parts.push_back(
          {dispatch.first_op, dispatch.ops, copies ? "copy" : TextOf(dispatch.pipeline), 0});
    }
    apart.recording =
        std::make_unique<Recording>(engine_->gpu, engine_->memory, engine_->pipelines, dispatches,
                                    mirrors_, classes.first == 0, Recording::Times::kEach);
  }
  apart.recording->Run(counts);
  ShowMirrors();
  const std::vector<double> seconds = apart.recording->EachSeconds();
  if (seconds.size() != apart.parts.size()) return {{}, "the driver gave no timestamps"};
  StepProfile profile{apart.parts, {}};
  for (std::size_t i = 0; i < seconds.size(); ++i) profile.parts[i].device_s = seconds[i];
  return profile;
}

std::optional<std::int64_t> VulkanPlan::Dispatches(const Step& step) const {
  CheckStep(step, limits_);
  const auto outputs = std::count_if(step.tokens.begin(), step.tokens.end(),
                                     [](const TokenAt& token) { return token.output; });
  const auto& recording =
      recordings_.at(ClassesOf(static_cast<std::int64_t>(step.tokens.size()), outputs));
  return static_cast<std::int64_t>(recording->dispatches());
}

}  // namespace inferometer::vulkan
