// The median absolute deviation, modified z-scores and outliers.
#include "harness/stats/spread.h"

#include <cmath>

#include "harness/stats/median.h"

namespace inferometer {
namespace {

std::vector<double> Deviations(std::span<const double> samples) {
  const double median = Median(samples);
  std::vector<double> deviations;
  deviations.reserve(samples.size());
  for (const double x : samples) deviations.push_back(std::abs(x - median));
  return deviations;
}

}  // namespace

double Mad(std::span<const double> samples) { return Median(Deviations(samples)); }

std::vector<double> ModifiedZ(std::span<const double> samples) {
  std::vector<double> z(samples.size(), 0.0);
  if (samples.empty()) return z;
  const std::vector<double> deviations = Deviations(samples);
  double scale = Median(deviations) / 0.6745;
  if (scale == 0) {
    double sum = 0;
    for (const double d : deviations) sum += d;
    scale = 1.253314 * sum / static_cast<double>(deviations.size());
  }
  if (scale == 0) return z;
  const double median = Median(samples);
  for (std::size_t i = 0; i < z.size(); ++i) z[i] = (samples[i] - median) / scale;
  return z;
}

std::vector<std::size_t> Outliers(std::span<const double> samples) {
  const std::vector<double> z = ModifiedZ(samples);
  std::vector<std::size_t> outliers;
  for (std::size_t i = 0; i < z.size(); ++i) {
    if (std::abs(z[i]) > 3.5) outliers.push_back(i);
  }
  return outliers;
}

}  // namespace inferometer
