// A plan made ready for OpenCL: its scratch buffers, and kernels with their arguments for each
// class of step sizes, enqueued one after the other without waiting.
#ifndef INFEROMETER_BACKENDS_OPENCL_PLAN_H_
#define INFEROMETER_BACKENDS_OPENCL_PLAN_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "backends/device.h"
#include "backends/opencl/engine.h"
#include "backends/opencl/lower.h"

namespace inferometer::opencl {

class OpenClPlan : public Plan {
 public:
  OpenClPlan(std::shared_ptr<Engine> engine, std::span<const Op> ops);
  ~OpenClPlan() override;
  Timing Run(const Step& step) override;
  StepProfile Profile(const Step& step) override;
  std::optional<std::int64_t> Dispatches(const Step& step) const override;

 private:
  struct Launch {
    Dispatch dispatch;
    cl_kernel kernel = nullptr;
  };
  // The cosine and sine of each (token, pair) of a step, for one set of frequencies. By the host in
  // double: devices may round angles of thousands of turns as they like.
  struct RopeTable {
    std::vector<float> frequencies;
    std::size_t at = 0;  // in the words of the step
  };
  using Classes = std::pair<std::size_t, std::size_t>;  // of tokens and of outputs

  // A launch that a step has work for, and how much.
  using Work = std::pair<const Launch*, Groups>;

  cl_mem NewBuffer(std::uint64_t bytes, const char* what);
  void MakeBuffers(std::span<const Op> ops);
  void MakeLaunches(std::span<const Op> ops);
  cl_kernel KernelOf(const Dispatch& dispatch);
  // Sends the step to the device; what is to be launched for it.
  std::vector<Work> Fill(const Step& step);
  std::vector<Work> WorkOf(const gpu::StepCounts& counts) const;
  // Lets drivers do now what they would do at the first use of a kernel.
  void Rehearse();
  void Enqueue(const Launch& launch, const Groups& groups, std::size_t times, cl_event* first,
               cl_event* last);
  void Release();
  static std::size_t ClassOf(std::int64_t rows);
  double SecondsBetween(cl_event first, cl_event last) const;

  const std::shared_ptr<Engine> engine_;
  const StepLimits limits_;
  // Rows that buffers have room for. Of a plan that looks at outputs alone, the tokens of a step
  // may be more.
  const std::int64_t tokens_, outputs_;
  PlanBuffers buffers_;
  std::vector<Buffer> own_;
  std::vector<std::uint32_t> words_;  // the step, then the rope tables
  std::vector<RopeTable> ropes_;
  std::map<std::tuple<ProgramKey, std::string, std::vector<Arg>>, cl_kernel> kernels_;
  std::map<Classes, std::vector<Launch>> launches_;
};

}  // namespace inferometer::opencl

#endif  // INFEROMETER_BACKENDS_OPENCL_PLAN_H_
