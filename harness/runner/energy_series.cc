// Wraps, integrates and interpolates what an energy source showed.
#include "harness/runner/energy_series.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace inferometer {
namespace {

// Above what any machine draws that runs this program: a counter that says more was reset.
constexpr double kMostWatts = 20000;

bool IsPower(PowerKind kind) { return kind == PowerKind::kWatts || kind == PowerKind::kAmperes; }

}  // namespace

EnergySeries::EnergySeries(PowerSource source)
    : source_(std::move(source)), channels_(source_.channels.size()) {}

bool EnergySeries::Advance(const PowerChannel& channel, double last, double now, double elapsed_s) {
  double joules = 0;
  switch (channel.kind) {
    case PowerKind::kJoules:
      joules = now - last;
      if (joules < 0 && channel.wraps_at_j) joules += *channel.wraps_at_j;
      break;
    case PowerKind::kCharge:
      joules = last - now;
      break;
    case PowerKind::kWatts:
    case PowerKind::kAmperes:
      joules = (last + now) / 2 * elapsed_s;
      break;
  }
  if (joules < 0 || joules > kMostWatts * std::max(elapsed_s, 1.0)) return false;
  joules_ += joules;
  return true;
}

void EnergySeries::Add(double at_s, std::span<const std::optional<double>> readings) {
  const double elapsed_s = at_s - last_s_;
  bool moved = knots_.empty(), missed = false;
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    Channel& channel = channels_[i];
    const std::optional<double> now = readings[i];
    if (!now) {
      missed = true;
      channel.last.reset();
      continue;
    }
    if (channel.last) {
      if (!Advance(source_.channels[i], *channel.last, *now, elapsed_s)) missed = true;
    } else if (!knots_.empty()) {
      missed = true;  // what it counted since the reading that failed is lost
    }
    if (!channel.last || *channel.last != *now) {
      channel.changed_s = at_s;
      moved = true;
    } else {
      stale_s_ = std::max(stale_s_, at_s - channel.changed_s);
    }
    moved |= IsPower(source_.channels[i].kind);
    channel.last = now;
  }
  known_ = known_ && !missed;
  last_s_ = at_s;
  if (!moved && !missed) return;
  knots_.push_back({at_s, joules_, stale_s_, known_});
  stale_s_ = 0;
  known_ = true;
}

Joules EnergySeries::Between(double begin_s, double end_s) const {
  const auto later = [](double at_s, const Knot& knot) { return at_s < knot.at_s; };
  const auto earlier = [](const Knot& knot, double at_s) { return knot.at_s < at_s; };
  const auto after_begin = std::upper_bound(knots_.begin(), knots_.end(), begin_s, later);
  const auto last = std::lower_bound(knots_.begin(), knots_.end(), end_s, earlier);
  if (after_begin == knots_.begin() || last_s_ < end_s) {
    return {{}, fmt::format("{} was not read during the whole of it", source_.name)};
  }
  const auto first = after_begin - 1;
  double period_s = source_.update_s;
  if (last == knots_.end()) period_s = std::max({period_s, stale_s_, last_s_ - first->at_s});
  for (auto knot = first + 1; knot < knots_.end() && knot <= last; ++knot) {
    if (!knot->known) {
      return {{},
              fmt::format("{} could not be read throughout: the counter was closed or set back, "
                          "or the adapter plugged in",
                          source_.name)};
    }
    period_s = std::max(period_s, knot->stale_s);
  }
  if (end_s - begin_s < kFewestUpdates * period_s || last == knots_.end()) {
    return {{},
            fmt::format("{:.3g} s are too short for {}, which showed a new figure every {:.3g} s",
                        end_s - begin_s, source_.name, period_s)};
  }
  const auto at = [&](double at_s) {
    const auto above = std::lower_bound(first, last, at_s, earlier);
    if (above == first) return above->joules;
    const auto below = above - 1;
    return below->joules +
           (above->joules - below->joules) * (at_s - below->at_s) / (above->at_s - below->at_s);
  };
  return {at(end_s) - at(begin_s), ""};
}

}  // namespace inferometer
