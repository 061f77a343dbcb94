// Ctrl-C and SIGTERM turned into a question that can be asked: is it time to stop?
#ifndef INFEROMETER_HARNESS_BASE_INTERRUPT_H_
#define INFEROMETER_HARNESS_BASE_INTERRUPT_H_

#include <string_view>

namespace inferometer {

// While one exists, the first SIGINT or SIGTERM is only noted, and `notice` (static text, may be
// empty) goes to stderr; the second ends the process at once with 128 + its number, so that files
// being replaced stay as they were. Afterwards the signals do again what they did before. One at a
// time; the process keeps the noted signal, so one Ctrl-C stops whatever is watched after it too.
class Interrupt {
 public:
  explicit Interrupt(std::string_view notice);
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // The number of the signal that was noted, 0 when there was none.
  static int Signal();
};

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_BASE_INTERRUPT_H_
