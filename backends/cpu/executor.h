// Runs the stages of a plan as one of its threads.
#ifndef INFEROMETER_BACKENDS_CPU_EXECUTOR_H_
#define INFEROMETER_BACKENDS_CPU_EXECUTOR_H_

#include <cstdint>

#include "backends/cpu/plan.h"

namespace inferometer::cpu {

// Each function does this thread's share of one stage. Work is handed out in units: in fixed parts
// where a unit is as dear as another, on demand where threads may differ or units do.
class Executor {
 public:
  // Attention is split over the context until there are so many units for each thread.
  static constexpr int kUnitsPerThread = 4;

  // Numbers that routing a step of `tokens` takes.
  static std::int64_t RouteRoom(const ExpertMatMul& op, std::int64_t tokens) {
    return 2 * (op.experts + 1 + tokens * op.used);
  }

  Executor(CpuPlan& plan, const Step& step, int worker);
  void Run();

  void operator()(const ReadyInput& ready);
  void operator()(const Op& op);

  void operator()(const Embed& op);
  void operator()(const RmsNorm& op);
  void operator()(const MatMul& op);
  void operator()(const Rope& op);
  void operator()(const KvAppend& op);
  void operator()(const Attention& op);
  void operator()(const GatedMul& op);
  void operator()(const SelectOutputs& op);
  void operator()(const TopExperts& op);
  void operator()(const ExpertMatMul& op);
  void operator()(const ExpertSum& op);
  void operator()(const ArgMax& op);
  void operator()(const MemoryProbe& op);
  void operator()(const LatencyProbe& op);
  void operator()(const ComputeProbe& op);
  void operator()(const ClockProbe& op);
  void operator()(const SubgroupProbe& op);
  void operator()(const LaunchProbe& op);

 private:
  struct Range {
    std::int64_t begin, end;
  };
  struct Routes;
  // Of a profile: all threads meet, and the time is noted.
  void Mark();
  Routes RoutesOf(const ExpertMatMul& op);
  // This thread's fixed part of `units`.
  Range Share(std::int64_t units) const {
    return {units * worker_ / threads_, units * (worker_ + 1) / threads_};
  }
  // Calls f(unit) for the units that this thread gets; the first without asking.
  template <typename F>
  void OnDemand(std::int64_t units, F&& f) {
    std::atomic<std::int64_t>& next = plan_.counters_[stage_].next;
    std::int64_t unit = worker_;
    while (unit < units) {
      f(unit);
      unit = threads_ + next.fetch_add(1, std::memory_order_relaxed);
    }
  }

  std::int64_t RowsOf(Rows rows) const { return rows == Rows::kTokens ? tokens_ : outputs_; }
  const Tensor& At(TensorId id) const { return plan_.tensors_.At(id); }
  float* Floats(TensorId id) const { return At(id).Floats(); }
  // What a matmul reads, from its slot or from the tensor.
  Activations InputOf(TensorId in, std::int64_t width) const;
  // The product of args' groups with columns begin..end, in blocks that stay in cache.
  void Multiply(const PackedLayout& layout, MatMulArgs& args, std::int64_t begin,
                std::int64_t end) const;
  // A stretch of groups that several threads can share evenly.
  std::int64_t GroupsPerUnit(std::int64_t groups) const;
  // A query row of a unit of attention; heads of a token stand together.
  const float* QueryOf(const Attention& op, const AttentionUnit& unit, std::int64_t row) const;
  void InterleaveQueries(const Attention& op, const AttentionUnit& unit, std::int64_t rows,
                         float* to) const;
  void TileQueries(const Attention& op, const AttentionUnit& unit, AttentionArgs& args,
                   float* to) const;
  Activations CodeQueries(const Attention& op, const AttentionUnit& unit, std::int64_t rows,
                          float* to) const;
  // `state` receives (maxima, sums, outputs) of the unit's rows.
  void Attend(const Attention& op, const AttentionUnit& unit, float* state);
  void WriteHeads(const Attention& op, const AttentionUnit& unit, const float* state);
  static void JoinParts(std::int64_t rows, std::int64_t head_dim, std::int64_t parts,
                        float* states);

  CpuPlan& plan_;
  const KernelSet& kernels_;
  const Step& step_;
  const int worker_, threads_;
  const std::int64_t tokens_, outputs_;
  const bool single_;
  std::size_t stage_ = 0;
  int slot_ = -1;
};

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_EXECUTOR_H_
