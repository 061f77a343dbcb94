// Monotonic time in seconds.
#ifndef INFEROMETER_HARNESS_BASE_CLOCK_H_
#define INFEROMETER_HARNESS_BASE_CLOCK_H_

#include <chrono>

namespace inferometer {

// Seconds on the steady clock, from an arbitrary origin.
inline double NowSeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_BASE_CLOCK_H_
