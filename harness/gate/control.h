// Fixed kernels that the driver itself times around every run, the same whichever arm it is.
#ifndef INFEROMETER_HARNESS_GATE_CONTROL_H_
#define INFEROMETER_HARNESS_GATE_CONTROL_H_

#include <map>
#include <string>
#include <vector>

namespace inferometer {

class ControlKernels {
 public:
  ControlKernels();

  // Seconds that a slice of each takes on every processor at once: "arithmetic", a chain of
  // dependent multiply-adds, and "memory", a walk over a buffer beyond the caches. Medians of a few
  // slices; some 0.1 s in all on an idle machine.
  std::map<std::string, double> Time();

 private:
  std::vector<double> buffer_;
  unsigned threads_;
};

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_GATE_CONTROL_H_
