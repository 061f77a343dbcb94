// Bootstrap intervals: for statistics that have no interval of their own.
#ifndef INFEROMETER_HARNESS_STATS_BOOTSTRAP_H_
#define INFEROMETER_HARNESS_STATS_BOOTSTRAP_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "harness/stats/interval.h"

namespace inferometer {

struct BootstrapOptions {
  std::size_t resamples = 2000;
  double confidence = 0.95;
  std::uint64_t seed = 1;
  // 1: independent samples (Efron 1979). Above: moving blocks of that many neighbours, for samples
  // that depend on the ones before them, such as token times (Künsch 1989).
  std::size_t block = 1;
};

using Statistic = std::function<double(std::span<const double>)>;

// The percentile interval of `statistic`. The same numbers everywhere for the same seed (see
// bootstrap.cc for the scheme). Absent when empty, when nothing is resampled, or when the block is
// 0 or longer than the samples.
std::optional<Interval> Bootstrap(std::span<const double> samples, const Statistic& statistic,
                                  const BootstrapOptions& options = {});

// n^(1/3), rounded up: the order at which the block bootstrap's error is least (Hall, Horowitz,
// Jing 1995: On blocking rules for the bootstrap with dependent data).
std::size_t BlockLength(std::size_t samples);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_STATS_BOOTSTRAP_H_
