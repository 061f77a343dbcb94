// The one interface between what is computed and who computes it.
#ifndef INFEROMETER_BACKENDS_DEVICE_H_
#define INFEROMETER_BACKENDS_DEVICE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/op.h"
#include "models/step.h"
#include "models/tensor.h"

namespace inferometer {

struct Timing {
  double host_s = 0;               // from the call to the result being available on the device
  std::optional<double> device_s;  // by the device's own clock, where it has one
};

// What a piece of a step took by itself: of a GPU one dispatch, of the CPU one stage of all
// threads.
struct PartTime {
  std::size_t first_op = 0, ops = 0;  // of the plan, [first_op, first_op + ops): it does them, or
                                      // shares in doing them with the parts beside it; none: it
                                      // prepares what first_op reads
  std::string kernel;                 // what ran, as the backend calls it
  double device_s = 0;                // by the device's own clock; on the CPU the host's is that
};
struct StepProfile {
  std::vector<PartTime> parts;  // in the order in which they ran
  std::string why_not;          // why there are none; empty otherwise
};

// Pipelines built, buffers bound: nothing untimed is left to do.
class Plan {
 public:
  virtual ~Plan() = default;
  // Runs all ops on the step. The only timed call. Throws Error when the device fails, and for a
  // step beyond the plan's limits.
  virtual Timing Run(const Step& step) = 0;
  // Runs the step as Run does, but each part alone and with a time of its own. That takes longer
  // than Run, so that no row of a result comes from it. What it needs may be made at the first
  // call.
  virtual StepProfile Profile(const Step&) {
    return {.parts = {}, .why_not = "this backend takes no times within a step"};
  }
  // How many times Run starts something on the device for such a step: the same on every machine.
  // None where a step is one piece of work.
  virtual std::optional<std::int64_t> Dispatches(const Step&) const { return std::nullopt; }
};

struct DeviceInfo {
  std::string id;            // "cpu:avx2": what --device takes
  std::string backend;       // "cpu"
  std::string name;          // "AMD EPYC 7763"
  std::string kernels;       // the kernel set that executes: "avx2", or a GPU's shader variants
  std::string without = {};  // what its kernels do without and why; empty: nothing worth a word
  std::string driver;        // empty where there is none
  bool software = false;     // a GPU interface emulated on the CPU, or the reference
  int threads = 0;           // CPU threads that compute; 0 on a GPU
  std::uint64_t memory_bytes = 0;
};

class Device {
 public:
  virtual ~Device() = default;
  virtual const DeviceInfo& Info() const = 0;
  // Empty when the op is supported, else the reason in words.
  virtual std::string WhyNot(const Op& op) const = 0;
  // Leaves out what of its kernels is likeliest to be wrong on a driver that errs, and says in a
  // word what: "no-subgroup". Empty: there is nothing left to leave out, or something is on the
  // device.
  virtual std::string BeMoreCareful() { return ""; }
  // Takes a tensor over, repacked as the device likes. Empty data: allocated and zeroed. Otherwise
  // data.size() is ByteSize(desc). Throws Error when the device's memory does not suffice.
  virtual TensorId Upload(const TensorDesc& desc, std::span<const std::byte> data) = 0;
  virtual void Free(TensorId id) = 0;
  // The ops use ids that Upload returned. They must outlive the plan.
  virtual std::unique_ptr<Plan> Prepare(std::span<const Op> ops) = 0;
  // Canonical bytes (ByteSize of the description) of an activation, index, cache or buffer; a
  // shorter span gets the first of them.
  virtual void Read(TensorId id, std::span<std::byte> out) = 0;
  virtual void Write(TensorId id, std::span<const std::byte> data) = 0;
};

struct DeviceOptions {
  int threads = 0;  // CPU: 0 = one per physical core that this process may use
};

struct Backend {
  std::string_view name;
  // Every device of the backend on this machine; opening one costs little until it is used. An
  // empty list comes with `why_none`.
  std::vector<std::unique_ptr<Device>> (*open)(const DeviceOptions& options);
  std::string (*why_none)();
};

// All backends, one line each in backends.cc. The reference is not among them: it is the oracle.
std::span<const Backend> Backends();

// The plain scalar fp32 interpreter of plans.
std::unique_ptr<Device> OpenReference();

}  // namespace inferometer

#endif  // INFEROMETER_BACKENDS_DEVICE_H_
