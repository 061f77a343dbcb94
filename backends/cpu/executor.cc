// Each thread's share of each stage, apart from attention and experts.
#include "backends/cpu/executor.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <span>
#include <variant>

#include "harness/base/clock.h"
#include "models/quant/formats.h"

namespace inferometer::cpu {
namespace {

// Activations of a block of columns that stay in the second-level cache while the rows of a unit
// pass by: half of the 512 KiB that the smaller of today's cores have.
constexpr std::int64_t kColumnBlockBytes = 256 << 10;
// Whole tiles of every instruction set: of codes 2 or 4 columns, of others 2, 6, 8 or 12.
constexpr std::int64_t kCodeColumns = 8, kFloatColumns = 24;

// The first of the largest of some values. Many maxima side by side: one alone would wait for its
// own last comparison, which took two thirds of what a decode step of a small model does beside
// its kernels.
const float* LargestOf(std::span<const float> values) {
  constexpr std::size_t kLanes = 32;
  float lanes[kLanes];
  std::fill(std::begin(lanes), std::end(lanes), -INFINITY);
  std::size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    const float* x = values.data() + i;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      lanes[lane] = x[lane] > lanes[lane] ? x[lane] : lanes[lane];
    }
  }
  float largest = *std::max_element(std::begin(lanes), std::end(lanes));
  for (; i < values.size(); ++i) largest = std::max(largest, values[i]);
  const auto found = std::find(values.begin(), values.end(), largest);
  return values.data() + (found == values.end() ? 0 : found - values.begin());
}

}  // namespace

Executor::Executor(CpuPlan& plan, const Step& step, int worker)
    : plan_(plan),
      kernels_(plan.kernels_),
      step_(step),
      worker_(worker),
      threads_(plan.pool_.threads()),
      tokens_(static_cast<std::int64_t>(step.tokens.size())),
      outputs_(static_cast<std::int64_t>(plan.outputs_.size())),
      single_(tokens_ == 1) {}

void Executor::Run() {
  for (const Stage& stage : plan_.lowered_.stages) {
    if (plan_.times_ != nullptr) {
      Mark();
    } else if (single_ ? stage.meet_single : stage.meet_many) {
      plan_.pool_.Barrier();
    }
    slot_ = stage.slot;
    std::visit([this](const auto& what) { (*this)(what); }, stage.what);
    ++stage_;
  }
  if (plan_.times_ != nullptr) Mark();
}

void Executor::Mark() {
  plan_.pool_.Barrier();
  if (worker_ == 0) plan_.times_->push_back(NowSeconds());
}

void Executor::operator()(const Op& op) {
  std::visit([this](const auto& o) { (*this)(o); }, op);
}

void Executor::operator()(const ReadyInput& ready) {
  const std::int64_t rows = RowsOf(ready.rows) * ready.groups;
  const auto slot = static_cast<std::size_t>(ready.slot);
  const ReadyRows& to =
      single_ ? plan_.private_[static_cast<std::size_t>(worker_)][slot] : plan_.shared_[slot];
  const Range mine = single_ ? Range{0, rows} : Share(rows);
  const Forms& forms = RowsOf(ready.rows) < kernels_.tile_columns ? ready.few : ready.many;
  for (std::int64_t row = mine.begin; row < mine.end; ++row) {
    const float* in = Floats(ready.in) + row * ready.width;
    if (ready.source == Source::kNorm) {
      const float mean = kernels_.sum_of_squares(in, ready.width) / static_cast<float>(ready.width);
      kernels_.scale_by(in, Floats(ready.weight), 1.0f / std::sqrt(mean + ready.eps),
                        to.Values(row), ready.width);
      in = to.Values(row);
    } else if (ready.source == Source::kGate) {
      kernels_.gated_mul(in, Floats(ready.in2) + row * ready.width, to.Values(row), ready.width);
      in = to.Values(row);
    } else if (forms.floats) {
      std::copy_n(in, ready.width, to.Values(row));
    }
    if (forms.codes) {
      kernels_.quantize(in, ready.width, to.Codes(row), to.Scales(row), to.Sums32(row),
                        to.Sums16(row));
    }
    if (forms.brains) kernels_.to_brain(in, ready.width, to.Brains(row));
    if (forms.tiles) {
      kernels_.to_tiles(in, ready.width, row, to.Tiles(), forms.rests ? to.Rests() : nullptr);
    }
  }
}

Activations Executor::InputOf(TensorId in, std::int64_t width) const {
  if (slot_ < 0) return {.values = Floats(in), .in_width = width};
  const auto slot = static_cast<std::size_t>(slot_);
  return (single_ ? plan_.private_[static_cast<std::size_t>(worker_)][slot] : plan_.shared_[slot])
      .From(0);
}

std::int64_t Executor::GroupsPerUnit(std::int64_t groups) const {
  // Whole sets of streams (4), eight units for each thread, and no more than 64 groups, so that
  // the last unit is a small part of the whole.
  const std::int64_t fair = groups / (threads_ * 8) / 4 * 4;
  return std::clamp<std::int64_t>(fair, 4, 64);
}

void Executor::operator()(const Embed& op) {
  const Tensor& table = At(op.table);
  const Range mine = Share(tokens_);
  for (std::int64_t t = mine.begin; t < mine.end; ++t) {
    const std::int64_t id = step_.tokens[static_cast<std::size_t>(t)].id;
    const std::span<float> out{Floats(op.out) + t * op.width, static_cast<std::size_t>(op.width)};
    if (table.IsMatrix()) {
      DecodePackedRow(table.layout, table.Plane(0), id, out);
    } else {
      const auto row_bytes = RowBytes(op.format, static_cast<std::size_t>(op.width));
      FormatOf(op.format).decode(table.data.data() + static_cast<std::size_t>(id) * row_bytes, out);
    }
  }
}

void Executor::operator()(const RmsNorm& op) {
  const Range mine = Share(RowsOf(op.rows) * op.groups);
  for (std::int64_t row = mine.begin; row < mine.end; ++row) {
    const float* in = Floats(op.in) + row * op.width;
    const float mean = kernels_.sum_of_squares(in, op.width) / static_cast<float>(op.width);
    kernels_.scale_by(in, Floats(op.weight), 1.0f / std::sqrt(mean + op.eps),
                      Floats(op.out) + row * op.width, op.width);
  }
}

void Executor::operator()(const MatMul& op) {
  const Tensor& weight = At(op.weight);
  const std::int64_t rows = RowsOf(op.rows);
  if (rows == 0) return;
  MatMulArgs args{.weights = weight.Plane(0),
                  .group_bytes = weight.layout.GroupBytes(),
                  .in = InputOf(op.in, op.in_width),
                  .out = Floats(op.out),
                  .out_stride = op.out_width,
                  .out_width = op.out_width,
                  .bias = op.bias == kNoTensor ? nullptr : Floats(op.bias),
                  .accumulate = op.accumulate};
  const std::int64_t groups = weight.layout.Groups(), unit_groups = GroupsPerUnit(groups);
  const bool tiles =
      rows >= kernels_.tile_columns && MultipliesTiles(kernels_, op.format, op.in_width);
  OnDemand((groups + unit_groups - 1) / unit_groups, [&](std::int64_t unit) {
    args.group_begin = unit * unit_groups;
    args.group_end = std::min(groups, args.group_begin + unit_groups);
    if (tiles) {
      args.column_end = rows;
      args.room = plan_.tile_rooms_[static_cast<std::size_t>(worker_)].As<std::byte>();
      kernels_.tile_matmul[static_cast<int>(op.format)](args);
    } else {
      Multiply(weight.layout, args, 0, rows);
    }
  });
}

void Executor::Multiply(const PackedLayout& layout, MatMulArgs& args, std::int64_t begin,
                        std::int64_t end) const {
  const bool codes = IsQuantized(layout.format);
  const std::int64_t value_bytes = codes ? 1 : layout.pairs ? 2 : 4;
  const std::int64_t whole = codes ? kCodeColumns : kFloatColumns;
  const std::int64_t fit = kColumnBlockBytes / (layout.in_width * value_bytes) / whole * whole;
  const std::int64_t block = std::clamp<std::int64_t>(fit, codes ? 16 : 24, 256);
  for (args.column_begin = begin; args.column_begin < end; args.column_begin += block) {
    args.column_end = std::min(end, args.column_begin + block);
    kernels_.matmul[static_cast<int>(layout.format)](args);
  }
}

void Executor::operator()(const Rope& op) {
  const float* frequencies = Floats(op.frequencies);
  const RopeTable& table = *std::find_if(
      plan_.ropes_.begin(), plan_.ropes_.end(),
      [frequencies](const RopeTable& candidate) { return candidate.frequencies == frequencies; });
  const std::int64_t pairs = op.rope_dim / 2;
  const bool halves = op.style == RopeStyle::kHalves;
  const std::int64_t partner = halves ? pairs : 1, stride = halves ? 1 : 2;
  const Range mine = Share(tokens_ * op.heads);
  for (std::int64_t unit = mine.begin; unit < mine.end; ++unit) {
    float* head = Floats(op.io) + unit * op.head_dim;
    const float* cosines = table.cosines.data() + unit / op.heads * pairs;
    const float* sines = table.sines.data() + unit / op.heads * pairs;
    for (std::int64_t i = 0; i < pairs; ++i) {
      float& a = head[i * stride];
      float& b = head[i * stride + partner];
      const float x = a, y = b;
      a = x * cosines[i] - y * sines[i];
      b = x * sines[i] + y * cosines[i];
    }
  }
}

void Executor::operator()(const GatedMul& op) {
  const Range mine = Share(tokens_ * op.groups);
  for (std::int64_t row = mine.begin; row < mine.end; ++row) {
    kernels_.gated_mul(Floats(op.gate) + row * op.width, Floats(op.up) + row * op.width,
                       Floats(op.out) + row * op.width, op.width);
  }
}

void Executor::operator()(const SelectOutputs& op) {
  const Range mine = Share(outputs_);
  for (std::int64_t s = mine.begin; s < mine.end; ++s) {
    std::memcpy(Floats(op.out) + s * op.width,
                Floats(op.in) + plan_.outputs_[static_cast<std::size_t>(s)] * op.width,
                static_cast<std::size_t>(op.width) * sizeof(float));
  }
}

void Executor::operator()(const ArgMax& op) {
  const Range mine = Share(op.width);
  auto* out = At(op.out).data.As<std::int32_t>();
  for (std::int64_t s = 0; s < outputs_; ++s) {
    const float* row = Floats(op.in) + s * op.width;
    const float* best = LargestOf({row + mine.begin, row + mine.end});
    const auto at = static_cast<std::size_t>(s * threads_);
    auto* candidates = plan_.best_.data() + at;
    candidates[worker_] = mine.begin == mine.end
                              ? std::pair{-INFINITY, std::int32_t{0}}
                              : std::pair{*best, static_cast<std::int32_t>(best - row)};
    // Who comes last chooses among all; parts are in order, so the first maximum is the lowest.
    std::atomic<std::int64_t>& done = plan_.argmax_done_[static_cast<std::size_t>(s)].next;
    if (done.fetch_add(1, std::memory_order_acq_rel) + 1 == threads_) {
      done.store(0, std::memory_order_relaxed);
      out[s] =
          std::max_element(candidates, candidates + threads_, [](const auto& a, const auto& b) {
            return a.first < b.first;
          })->second;
    }
  }
}

}  // namespace inferometer::cpu
