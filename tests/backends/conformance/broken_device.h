// A reference device with one fault put in, which conformance must find.
#ifndef INFEROMETER_TESTS_BACKENDS_CONFORMANCE_BROKEN_DEVICE_H_
#define INFEROMETER_TESTS_BACKENDS_CONFORMANCE_BROKEN_DEVICE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backends/device.h"

namespace inferometer {

// How one op goes wrong. Runs `op`, already prepared as `plan`, on the step in its own way.
struct Fault {
  std::string name;
  // The op as the device misunderstands it.
  std::function<Op(Op)> misread = [](Op op) { return op; };
  // The step as the device misunderstands it for this op.
  std::function<std::vector<TokenAt>(const Op&, std::vector<TokenAt>)> misstep =
      [](const Op&, std::vector<TokenAt> tokens) { return tokens; };
  // What happens to the op's tensors before and after it runs.
  std::function<void(const Op&, Device&)> before = [](const Op&, Device&) {};
  std::function<void(const Op&, Device&)> after = [](const Op&, Device&) {};
};

class BrokenDevice : public Device {
 public:
  explicit BrokenDevice(Fault fault) : fault_(std::move(fault)) {}

  const DeviceInfo& Info() const override { return inner_->Info(); }
  std::string WhyNot(const Op& op) const override { return inner_->WhyNot(op); }
  TensorId Upload(const TensorDesc& desc, std::span<const std::byte> data) override {
    return inner_->Upload(desc, data);
  }
  void Free(TensorId id) override { inner_->Free(id); }
  void Read(TensorId id, std::span<std::byte> out) override { inner_->Read(id, out); }
  void Write(TensorId id, std::span<const std::byte> data) override { inner_->Write(id, data); }

  std::unique_ptr<Plan> Prepare(std::span<const Op> ops) override {
    auto plan = std::make_unique<BrokenPlan>(*inner_, fault_);
    for (const Op& op : ops) {
      const Op misread = fault_.misread(op);
      plan->parts.emplace_back(misread, inner_->Prepare(std::span(&misread, 1)));
    }
    return plan;
  }

 private:
  struct BrokenPlan : Plan {
    BrokenPlan(Device& d, const Fault& f) : device(d), fault(f) {}
    Timing Run(const Step& step) override {
      for (const auto& [op, part] : parts) {
        const std::vector<TokenAt> tokens =
            fault.misstep(op, {step.tokens.begin(), step.tokens.end()});
        fault.before(op, device);
        part->Run({tokens});
        fault.after(op, device);
      }
      return {};
    }
    Device& device;
    const Fault& fault;
    std::vector<std::pair<Op, std::unique_ptr<Plan>>> parts;
  };

  const std::unique_ptr<Device> inner_ = OpenReference();
  const Fault fault_;
};

}  // namespace inferometer

#endif  // INFEROMETER_TESTS_BACKENDS_CONFORMANCE_BROKEN_DEVICE_H_
