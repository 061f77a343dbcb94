// The statistics of a row, from its samples alone.
#ifndef INFEROMETER_RESULTS_STATISTICS_H_
#define INFEROMETER_RESULTS_STATISTICS_H_

#include "results/record.h"

namespace inferometer {

// Sets median, ci95, converged, shape and outliers. The row has samples and a metric of the table,
// which says how narrow the interval should be and which way is better.
void PutStatistics(Record& row);

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_STATISTICS_H_
