// Curves over the size of a working set, as they stand in a result's ceilings.
#ifndef INFEROMETER_HARNESS_REPORT_CURVES_H_
#define INFEROMETER_HARNESS_REPORT_CURVES_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "results/record.h"

namespace inferometer {

struct CurvePoint {
  double bytes = 0, value = 0;
};

// A curve of one metric on one device with one number of threads, in order of bytes.
struct Curve {
  std::string metric, device, unit;
  int threads = 0;
  std::vector<CurvePoint> points;
};

// Whether a ceiling's metric is a point of a curve, or read off one, and no roof of its own.
bool IsOfCurve(std::string_view metric);

// `cache_bandwidth` and `access_latency`, the latter last, those with fewer threads first. Only
// curves of two points or more.
std::vector<Curve> CurvesOf(const Result& result);

struct SeenCache {
  int level = 0;
  double bytes = 0;                       // as software sees it
  std::optional<double> described_bytes;  // as the system describes it
  std::optional<double> latency_s;
};
std::vector<SeenCache> SeenCachesOf(const Result& result);

// "L2: 1.00 MiB (described: 1.00 MiB), 4.1 ns".
std::string Describe(const SeenCache& cache);

// "48 KiB", "1.25 MiB": a working set for people, no longer than 8 columns.
std::string SetName(double bytes);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_REPORT_CURVES_H_
