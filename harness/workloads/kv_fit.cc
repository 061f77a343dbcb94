// Fits times over depths.
#include "harness/workloads/kv_fit.h"

#include <fmt/format.h>

#include <vector>

#include "harness/base/error.h"

namespace inferometer {

double MeanDepth(std::int64_t depth, std::int64_t tokens) {
  // The steps stand at positions depth + 1 to depth + tokens - 1, each behind as many tokens.
  return static_cast<double>(depth) + static_cast<double>(tokens) / 2;
}

LinearFit FitDepth(std::span<const DepthTime> points) {
  if (points.size() < 3) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("{} depths: how well a line fits needs three", points.size()));
  }
  std::vector<double> depths, times;
  for (const DepthTime& point : points) {
    depths.push_back(point.depth);
    times.push_back(point.token_s);
  }
  return FitLine(depths, times);
}

}  // namespace inferometer
