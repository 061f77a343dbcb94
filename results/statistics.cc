// The statistics of a row, from its samples alone.
#include "results/statistics.h"

#include "harness/stats/known.h"
#include "harness/stats/median.h"
#include "harness/stats/shape.h"
#include "harness/stats/spread.h"
#include "results/metrics.h"

namespace inferometer {

void PutStatistics(Record& row) {
  const Metric* metric = FindMetric(row.metric);
  row.median = Median(row.samples);
  row.ci95.reset();
  if (const auto interval = MedianInterval95(row.samples)) {
    row.ci95 = {interval->low, interval->high};
  }
  row.converged = metric != nullptr && IsKnown(row.samples, metric->ci_target, metric->ci_least);
  row.shape = NameOf(ShapeOf(row.samples, !metric || metric->better == Better::kHigher));
  row.outliers = Outliers(row.samples);
}

}  // namespace inferometer
