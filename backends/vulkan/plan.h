// A plan made ready for Vulkan: its scratch buffers and a recording for each class of step sizes.
#ifndef INFEROMETER_BACKENDS_VULKAN_PLAN_H_
#define INFEROMETER_BACKENDS_VULKAN_PLAN_H_

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "backends/device.h"
#include "backends/vulkan/engine.h"
#include "backends/vulkan/lower.h"
#include "backends/vulkan/recording.h"

namespace inferometer::vulkan {

class VulkanPlan : public Plan {
 public:
  VulkanPlan(std::shared_ptr<Engine> engine, std::span<const Op> ops);
  ~VulkanPlan() override;
  Timing Run(const Step& step) override;
  StepProfile Profile(const Step& step) override;
  std::optional<std::int64_t> Dispatches(const Step& step) const override;

 private:
  // The cosine and sine of each (token, pair) of a step, for one set of frequencies. By the host in
  // double: shaders may round angles of thousands of turns as they like.
  struct RopeTable {
    std::vector<float> frequencies;
    Slice slice;
  };

  Range NewBuffer(std::uint64_t bytes, MemoryKind kind, const char* what);
  void MakeBuffers(std::span<const Op> ops);
  void MakeMirrors(std::span<const Op> ops);
  using Classes = std::pair<std::size_t, std::size_t>;  // of tokens and of outputs
  void Record();
  std::vector<Dispatch> Lower(Classes classes) const;
  static std::size_t ClassOf(std::int64_t rows);
  Classes ClassesOf(std::int64_t tokens, std::int64_t outputs) const;
  // Writes what the shaders read of a step.
  gpu::StepCounts Fill(const Step& step);
  // Lets the host read results where they were copied to.
  void ShowMirrors();

  const std::shared_ptr<Engine> engine_;
  const std::vector<Op> ops_;
  const StepLimits limits_;
  // Rows that buffers have room for. Of a plan that looks at outputs alone, the tokens of a step
  // may be more.
  const std::int64_t tokens_, outputs_;
  PlanBuffers buffers_;
  std::vector<Slice> slices_;
  Slice step_slice_;
  std::vector<RopeTable> ropes_;
  std::vector<MirrorCopy> mirrors_;
  std::vector<TensorId> mirrored_;
  std::map<Classes, std::unique_ptr<Recording>> recordings_;
  // Of each dispatch by itself, with what it does, made when a profile is asked for.
  struct Apart {
    std::vector<PartTime> parts;  // without their times
    std::unique_ptr<Recording> recording;
  };
  std::map<Classes, Apart> apart_;
};

}  // namespace inferometer::vulkan

#endif  // INFEROMETER_BACKENDS_VULKAN_PLAN_H_
