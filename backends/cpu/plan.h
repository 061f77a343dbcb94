// A plan made ready for the CPU: the stages, their scratch room, and one parallel region that runs
// them all.
#ifndef INFEROMETER_BACKENDS_CPU_PLAN_H_
#define INFEROMETER_BACKENDS_CPU_PLAN_H_

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "backends/check.h"
#include "backends/cpu/attention_units.h"
#include "backends/cpu/peaks.h"
#include "backends/cpu/scratch.h"
#include "backends/cpu/stage.h"
#include "backends/cpu/tensors.h"
#include "backends/device.h"
#include "harness/base/huge_buffer.h"
#include "harness/base/thread_pool.h"

namespace inferometer::cpu {

// Partial results of attention over a stretch of the cache.
struct AttentionParts {
  std::int64_t state_floats = 0;    // room for (maxima, sums, outputs) of the rows of a unit
  std::vector<float> state;         // [part][state_floats]
  std::unique_ptr<Counter[]> done;  // by what is put together: parts that are finished
};

// The cosine and sine of each (token, pair) of a step, for one set of frequencies.
struct RopeTable {
  const float* frequencies = nullptr;
  std::int64_t pairs = 0;
  std::vector<float> cosines, sines;  // [token][pair]
};

class CpuPlan : public Plan {
 public:
  CpuPlan(const KernelSet& kernels, const Peaks& peaks, const Tensors& tensors, ThreadPool& pool,
          std::span<const Op> ops);
  Timing Run(const Step& step) override;
  StepProfile Profile(const Step& step) override;

 private:
  friend class Executor;
  // Floats that the queries of a unit of attention take, as rows of floats or as codes.
  void Start(const Step& step);
  void SizeAttention(std::span<const Op> ops, std::int64_t tokens);

  const KernelSet& kernels_;
  const Peaks& peaks_;
  const Tensors& tensors_;
  ThreadPool& pool_;
  const StepLimits limits_;
  const Lowered lowered_;
  std::vector<ReadyRows> shared_;                // by slot
  std::vector<std::vector<ReadyRows>> private_;  // by worker, slot: one token
  std::vector<HugeBuffer> tile_rooms_;           // by worker: MatMulArgs::room
  std::unique_ptr<Counter[]> counters_;          // by stage
  std::vector<RopeTable> ropes_;
  AttentionParts parts_;
  std::unique_ptr<Counter[]> argmax_done_;            // by output row: threads that are finished
  std::vector<std::vector<float>> rows_;              // by worker: rows of one attention unit
  std::vector<AttentionUnits> attention_;             // of the step, by numbers of heads
  std::vector<std::vector<std::int32_t>> routes_;     // by worker: (token, choice) pairs by expert
  std::vector<std::pair<float, std::int32_t>> best_;  // by output row, worker: argmax so far
  std::vector<std::int64_t> outputs_;                 // rows of the step's output tokens
  std::vector<double>* times_ = nullptr;  // of a profile: when each stage began, and the end
  std::uint64_t chase_at_ = 0;            // where the latency probe stands; of worker 0
  std::atomic<double> sink_{0};           // what probes computed, so that it is needed
};

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_PLAN_H_
