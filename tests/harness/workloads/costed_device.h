// The reference with a clock that moves by a known cost for each step, and faults on demand.
#ifndef INFEROMETER_TESTS_HARNESS_WORKLOADS_COSTED_DEVICE_H_
#define INFEROMETER_TESTS_HARNESS_WORKLOADS_COSTED_DEVICE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "backends/device.h"

namespace inferometer {

struct CostedClock {
  double now_s = 0;
  std::function<double(const Step&)> cost = [](const Step&) { return 1.0; };
  double write_s = 0.5, read_s = 0.25;  // of one tensor
  bool corrupt_writes = false;          // one byte of each is another one
  bool wrong_choices = false;           // the greedy one is the next token id
};

class CostedDevice : public Device {
 public:
  explicit CostedDevice(CostedClock& clock) : clock_(clock), inner_(OpenReference()) {}
  const DeviceInfo& Info() const override { return inner_->Info(); }
  std::string WhyNot(const Op& op) const override { return inner_->WhyNot(op); }
  TensorId Upload(const TensorDesc& desc, std::span<const std::byte> data) override {
    return inner_->Upload(desc, data);
  }
  void Free(TensorId id) override { inner_->Free(id); }
  std::unique_ptr<Plan> Prepare(std::span<const Op> ops) override {
    return std::make_unique<CostedPlan>(clock_, inner_->Prepare(ops));
  }
  void Read(TensorId id, std::span<std::byte> out) override {
    if (out.size() > kSmall) clock_.now_s += clock_.read_s;
    inner_->Read(id, out);
    if (clock_.wrong_choices && out.size() == sizeof(std::int32_t)) out[0] ^= std::byte{1};
  }
  void Write(TensorId id, std::span<const std::byte> data) override {
    clock_.now_s += clock_.write_s;
    std::vector<std::byte> copy(data.begin(), data.end());
    if (clock_.corrupt_writes && !copy.empty()) copy[copy.size() / 2] ^= std::byte{0x40};
    inner_->Write(id, copy);
  }

 private:
  // Logits and choices are read for nothing.
  static constexpr std::size_t kSmall = 1024;

  class CostedPlan : public Plan {
   public:
    CostedPlan(CostedClock& clock, std::unique_ptr<Plan> inner)
        : clock_(clock), inner_(std::move(inner)) {}
    Timing Run(const Step& step) override {
      clock_.now_s += clock_.cost(step);
      return inner_->Run(step);
    }

   private:
    CostedClock& clock_;
    std::unique_ptr<Plan> inner_;
  };

  CostedClock& clock_;
  std::unique_ptr<Device> inner_;
};

}  // namespace inferometer

#endif  // INFEROMETER_TESTS_HARNESS_WORKLOADS_COSTED_DEVICE_H_
