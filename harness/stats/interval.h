// A closed interval of real numbers.
#ifndef INFEROMETER_HARNESS_STATS_INTERVAL_H_
#define INFEROMETER_HARNESS_STATS_INTERVAL_H_

namespace inferometer {

struct Interval {
  double low = 0, high = 0;
};

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_STATS_INTERVAL_H_
