// A device whose time is made up: the reference computes, and an injected delay moves a clock.
#ifndef INFEROMETER_TESTS_HARNESS_RUNNER_INJECTED_DEVICE_H_
#define INFEROMETER_TESTS_HARNESS_RUNNER_INJECTED_DEVICE_H_

#include <functional>
#include <memory>
#include <utility>

#include "backends/device.h"

namespace inferometer {

// What is injected. The clock stands still except while a plan runs.
struct Injection {
  double clock_s = 0;
  int repetition = 0;  // counted by whoever drives the device
  // How long one step takes that begins at `now_s` within that repetition, s.
  std::function<double(double now_s, int repetition)> step_s;
  // What the device reads instead, where it goes wrong; may be empty.
  std::function<void(int repetition, std::span<std::byte> out)> tamper;
};

class InjectedDevice : public Device {
 public:
  explicit InjectedDevice(Injection& injection) : injection_(injection) {
    info_.id = "cpu:injected";
    info_.backend = "cpu";
    info_.threads = 1;
  }

  const DeviceInfo& Info() const override { return info_; }
  std::string WhyNot(const Op& op) const override { return inner_->WhyNot(op); }
  TensorId Upload(const TensorDesc& desc, std::span<const std::byte> data) override {
    return inner_->Upload(desc, data);
  }
  void Free(TensorId id) override { inner_->Free(id); }
  void Write(TensorId id, std::span<const std::byte> data) override { inner_->Write(id, data); }
  void Read(TensorId id, std::span<std::byte> out) override {
    inner_->Read(id, out);
    if (injection_.tamper) injection_.tamper(injection_.repetition, out);
  }
  std::unique_ptr<Plan> Prepare(std::span<const Op> ops) override {
    return std::make_unique<SlowedPlan>(inner_->Prepare(ops), injection_);
  }

 private:
  struct SlowedPlan : Plan {
    SlowedPlan(std::unique_ptr<Plan> p, Injection& i) : plan(std::move(p)), injection(i) {}
    Timing Run(const Step& step) override {
      plan->Run(step);
      const double elapsed_s = injection.step_s(injection.clock_s, injection.repetition);
      injection.clock_s += elapsed_s;
      return {.host_s = elapsed_s, .device_s = {}};
    }
    std::unique_ptr<Plan> plan;
    Injection& injection;
  };

  Injection& injection_;
  DeviceInfo info_;
  const std::unique_ptr<Device> inner_ = OpenReference();
};

}  // namespace inferometer

#endif  // INFEROMETER_TESTS_HARNESS_RUNNER_INJECTED_DEVICE_H_
