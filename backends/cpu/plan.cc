// Makes a plan ready and runs it.
#include "backends/cpu/plan.h"

#include <algorithm>
#include <cmath>
#include <variant>

#include "backends/cpu/executor.h"
#include "harness/base/clock.h"

namespace inferometer::cpu {
namespace {

void FillRope(const Step& step, RopeTable& table) {
  std::size_t i = 0;
  for (const TokenAt& token : step.tokens) {
    for (std::int64_t pair = 0; pair < table.pairs; ++pair, ++i) {
      const double angle = static_cast<double>(token.position) * table.frequencies[pair];
      table.cosines[i] = static_cast<float>(std::cos(angle));
      table.sines[i] = static_cast<float>(std::sin(angle));
    }
  }
}

}  // namespace

CpuPlan::CpuPlan(const KernelSet& kernels, const Peaks& peaks, const Tensors& tensors,
                 ThreadPool& pool, std::span<const Op> ops)
    : kernels_(kernels),
      peaks_(peaks),
      tensors_(tensors),
      pool_(pool),
      limits_(CheckOps(
          ops, [&tensors](TensorId id) -> const TensorDesc& { return tensors.At(id).desc; })),
      lowered_(Lower(ops, kernels)),
      counters_(std::make_unique<Counter[]>(lowered_.stages.size())) {
  const auto threads = static_cast<std::size_t>(pool.threads());
  const bool has_tokens = limits_.tokens != StepLimits::kNone;
  const std::int64_t tokens = has_tokens ? limits_.tokens : 1;
  const std::int64_t outputs = limits_.outputs != StepLimits::kNone ? limits_.outputs : tokens;
  private_.resize(threads);
  for (const ReadyInput& slot : lowered_.slots) {
    const std::int64_t rows = (slot.rows == Rows::kTokens ? tokens : outputs) * slot.groups;
    shared_.emplace_back(rows, slot.width, Both(slot.few, slot.many));
    for (auto& mine : private_) mine.emplace_back(slot.groups, slot.width, slot.few);
  }
  const bool tiles = std::any_of(lowered_.slots.begin(), lowered_.slots.end(),
                                 [](const ReadyInput& slot) { return slot.many.tiles; }) ||
                     std::any_of(ops.begin(), ops.end(), [&kernels](const Op& op) {
                       const auto* a = std::get_if<Attention>(&op);
                       return a != nullptr && AttendsTiles(kernels, a->format, a->head_dim);
                     });
  for (std::size_t i = 0; tiles && i < threads; ++i) tile_rooms_.emplace_back(kernels.tile_room);
  for (const Op& op : ops) {
    if (const auto* rope = std::get_if<Rope>(&op)) {
      const float* frequencies = tensors.At(rope->frequencies).Floats();
      const bool known = std::any_of(
          ropes_.begin(), ropes_.end(),
          [frequencies](const RopeTable& table) { return table.frequencies == frequencies; });
      if (known) continue;
      const auto size = static_cast<std::size_t>(tokens * rope->rope_dim / 2);
      ropes_.push_back(
          {frequencies, rope->rope_dim / 2, std::vector<float>(size), std::vector<float>(size)});
    }
  }
  const std::size_t rows = static_cast<std::size_t>(std::max<std::int64_t>(outputs, 1));
  best_.resize(threads * rows);
  argmax_done_ = std::make_unique<Counter[]>(rows);
  routes_.resize(threads);
  for (const Op& op : ops) {
    if (const auto* expert = std::get_if<ExpertMatMul>(&op)) {
      for (auto& mine : routes_) {
        mine.reserve(static_cast<std::size_t>(Executor::RouteRoom(*expert, tokens)));
      }
    }
  }
  SizeAttention(ops, tokens);
}

void CpuPlan::SizeAttention(std::span<const Op> ops, std::int64_t tokens) {
  const std::int64_t threads = pool_.threads();
  std::int64_t row_floats = 0, states = 0, wholes = 0;
  for (const Op& op : ops) {
    const auto* a = std::get_if<Attention>(&op);
    if (a == nullptr) continue;
    const std::int64_t rows = QueryRows(kernels_, a->format, a->head_dim);
    const std::int64_t state = rows * (a->head_dim + 2);
    row_floats = std::max(row_floats, rows * a->head_dim + state);
    parts_.state_floats = std::max(parts_.state_floats, state);
    const bool known = std::any_of(
        attention_.begin(), attention_.end(),
        [a, rows](const AttentionUnits& units) { return units.Has(a->heads, a->kv_heads, rows); });
    if (known) continue;
    attention_.emplace_back(a->heads, a->kv_heads, rows, Executor::kUnitsPerThread * threads,
                            tokens);
    states = std::max(states, attention_.back().MostStates());
    wholes = std::max(wholes, attention_.back().MostWholes());
  }
  rows_.assign(static_cast<std::size_t>(threads),
               std::vector<float>(static_cast<std::size_t>(row_floats)));
  parts_.state.resize(static_cast<std::size_t>(states * parts_.state_floats));
  parts_.done = std::make_unique<Counter[]>(static_cast<std::size_t>(wholes));
}

Timing CpuPlan::Run(const Step& step) {
  CheckStep(step, limits_);
  const double start_s = NowSeconds();
  Start(step);
  return {NowSeconds() - start_s, std::nullopt};
}

StepProfile CpuPlan::Profile(const Step& step) {
  CheckStep(step, limits_);
  std::vector<double> times;
  times.reserve(lowered_.stages.size() + 1);
  times_ = &times;
  Start(step);
  times_ = nullptr;
  StepProfile profile;
  for (std::size_t i = 0; i < lowered_.stages.size(); ++i) {
    const Stage& stage = lowered_.stages[i];
    const auto* ready = std::get_if<ReadyInput>(&stage.what);
    const bool whole = ready == nullptr || ready->source != Source::kPlain;
    profile.parts.push_back({stage.op, whole ? std::size_t{1} : 0,
                             kernels_.name + std::string(ready == nullptr ? "" : " input"),
                             times[i + 1] - times[i]});
  }
  return profile;
}

void CpuPlan::Start(const Step& step) {
  outputs_.clear();
  for (std::size_t t = 0; t < step.tokens.size(); ++t) {
    if (step.tokens[t].output) outputs_.push_back(static_cast<std::int64_t>(t));
  }
  for (RopeTable& table : ropes_) FillRope(step, table);
  for (AttentionUnits& units : attention_) units.Plan(step.tokens);
  for (std::size_t i = 0; i < lowered_.stages.size(); ++i) {
    counters_[i].next.store(0, std::memory_order_relaxed);
  }
  pool_.Run([this, &step](int worker) { Executor(*this, step, worker).Run(); });
}

}  // namespace inferometer::cpu
