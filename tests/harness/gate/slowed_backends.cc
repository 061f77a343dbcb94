// The list of backends of a program that is really slower: each step of the CPU takes 8 % longer,
// spent in a busy loop. Linked into a test's program in place of backends/backends.cc.
#include "backends/cpu/cpu.h"
#include "backends/device.h"
#include "harness/base/clock.h"

namespace inferometer {
namespace {

constexpr double kSlower = 0.08;

class SlowedPlan : public Plan {
 public:
  explicit SlowedPlan(std::unique_ptr<Plan> inner) : inner_(std::move(inner)) {}
  Timing Run(const Step& step) override {
    const double start_s = NowSeconds();
    Timing timing = inner_->Run(step);
    const double end_s = start_s + (1 + kSlower) * (NowSeconds() - start_s);
    while (NowSeconds() < end_s) {
    }
    timing.host_s *= 1 + kSlower;
    return timing;
  }

 private:
  std::unique_ptr<Plan> inner_;
};

class SlowedDevice : public Device {
 public:
  explicit SlowedDevice(std::unique_ptr<Device> inner) : inner_(std::move(inner)) {}
  const DeviceInfo& Info() const override { return inner_->Info(); }
  std::string WhyNot(const Op& op) const override { return inner_->WhyNot(op); }
  TensorId Upload(const TensorDesc& desc, std::span<const std::byte> data) override {
    return inner_->Upload(desc, data);
  }
  void Free(TensorId id) override { inner_->Free(id); }
  std::unique_ptr<Plan> Prepare(std::span<const Op> ops) override {
    return std::make_unique<SlowedPlan>(inner_->Prepare(ops));
  }
  void Read(TensorId id, std::span<std::byte> out) override { inner_->Read(id, out); }
  void Write(TensorId id, std::span<const std::byte> data) override { inner_->Write(id, data); }

 private:
  std::unique_ptr<Device> inner_;
};

std::vector<std::unique_ptr<Device>> OpenSlowed(const DeviceOptions& options) {
  std::vector<std::unique_ptr<Device>> devices;
  for (std::unique_ptr<Device>& device : cpu::OpenDevices(options)) {
    devices.push_back(std::make_unique<SlowedDevice>(std::move(device)));
  }
  return devices;
}

}  // namespace

std::span<const Backend> Backends() {
  static constexpr Backend kBackends[] = {{"cpu", OpenSlowed, cpu::WhyNone}};
  return kBackends;
}

}  // namespace inferometer
