// A case made ready to be timed: what it reads comes from memory, as in a forward pass.
#ifndef INFEROMETER_HARNESS_KERNELS_READY_KERNEL_H_
#define INFEROMETER_HARNESS_KERNELS_READY_KERNEL_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "backends/device.h"
#include "harness/kernels/case_data.h"
#include "harness/kernels/kernel_case.h"
#include "harness/workloads/work.h"

namespace inferometer {

// Bytes of weights that must pass before one comes round again, so that it no longer lies in a
// cache: four times the last-level cache, 256 MiB where that is unknown, at most an eighth of
// memory. 0 stands for unknown.
std::uint64_t RotationBytes(std::uint64_t last_level_bytes, std::uint64_t memory_bytes);

// One plan that runs the op several times: as a forward pass does from layer to layer, without the
// cost of a launch for each. In a step of few tokens, which memory bounds, each time is on another
// copy of the weights or caches, or on other experts, until `rotation_bytes` have passed. Each time
// has an input of its own, and all the same output, so that none can do without another's end.
class ReadyKernel {
 public:
  // The device, the case and the data must outlive it. Throws Error when the device fails.
  ReadyKernel(Device& device, const KernelCase& c, const CaseData& data,
              std::uint64_t rotation_bytes);

  // Seconds of one run, by the device's own clock where it has one.
  double Run();
  std::int64_t times() const { return std::ssize(ops_); }  // the op runs in it
  std::int64_t copies() const { return copies_; }          // of the weights or caches
  const Work& work() const { return work_; }               // of the op once
  // Bytes that all copies take which the op reads: those beyond a cache come from memory.
  double working_set_bytes() const { return working_set_bytes_; }

 private:
  struct Repeats {
    std::int64_t times = 1, copies = 1;
  };
  Repeats RepeatsOf(std::uint64_t rotation_bytes) const;
  void Add(std::int64_t time, std::int64_t copy);

  Device& device_;
  const KernelCase& case_;
  const CaseData& data_;
  UploadedTensors tensors_;
  std::vector<std::vector<TensorId>> rotated_;  // by copy: weights and caches, by tensor
  std::vector<TensorId> shared_;                // by tensor: the others
  std::vector<Op> ops_;
  std::unique_ptr<Plan> plan_;
  std::int64_t copies_ = 1;
  Work work_;
  double working_set_bytes_ = 0;
};

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_KERNELS_READY_KERNEL_H_
