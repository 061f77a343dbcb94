// Gathers the points of curves.
#include "harness/report/curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "harness/report/quantity.h"
#include "results/metrics.h"

namespace inferometer {
namespace {

// A number out of params that may come from anyone.
std::optional<double> NumberOf(const nlohmann::json& params, const char* key) {
  const auto found = params.find(key);
  if (found == params.end() || !found->is_number()) return std::nullopt;
  const double value = found->get<double>();
  return value > 0 ? std::optional(value) : std::nullopt;
}

}  // namespace

bool IsOfCurve(std::string_view metric) {
  return metric == "cache_bandwidth" || metric == "access_latency" || metric == "cache_size";
}

std::vector<Curve> CurvesOf(const Result& result) {
  std::vector<Curve> curves;
  for (const Ceiling& ceiling : result.ceilings) {
    if (!IsOfCurve(ceiling.metric) || ceiling.metric == "cache_size") continue;
    const auto bytes = NumberOf(ceiling.params, "bytes");
    if (!bytes || !(ceiling.value > 0)) continue;
    auto found = std::find_if(curves.begin(), curves.end(), [&](const Curve& curve) {
      return curve.metric == ceiling.metric && curve.device == ceiling.device &&
             curve.threads == ceiling.threads;
    });
    if (found == curves.end()) {
      const Metric* metric = FindMetric(ceiling.metric);
      found = curves.insert(found, {.metric = ceiling.metric,
                                    .device = ceiling.device,
                                    .unit = metric ? std::string(metric->unit) : "",
                                    .threads = ceiling.threads,
                                    .points = {}});
    }
    found->points.push_back({*bytes, ceiling.value});
  }
  std::erase_if(curves, [](const Curve& curve) { return curve.points.size() < 2; });
  for (Curve& curve : curves) {
    std::sort(curve.points.begin(), curve.points.end(),
              [](const CurvePoint& a, const CurvePoint& b) {
                return std::tie(a.bytes, a.value) < std::tie(b.bytes, b.value);
              });
  }
  std::sort(curves.begin(), curves.end(), [](const Curve& a, const Curve& b) {
    const bool a_last = a.metric == "access_latency", b_last = b.metric == "access_latency";
    return std::tie(a_last, a.threads, a.device) < std::tie(b_last, b.threads, b.device);
  });
  return curves;
}

std::vector<SeenCache> SeenCachesOf(const Result& result) {
  std::vector<SeenCache> caches;
  for (const Ceiling& ceiling : result.ceilings) {
    if (ceiling.metric != "cache_size" || !(ceiling.value > 0)) continue;
    caches.push_back({.level = static_cast<int>(NumberOf(ceiling.params, "level").value_or(0)),
                      .bytes = ceiling.value,
                      .described_bytes = NumberOf(ceiling.params, "described_bytes"),
                      .latency_s = NumberOf(ceiling.params, "latency_s")});
  }
  return caches;
}

std::string SetName(double bytes) {
  const char* unit = "KiB";
  double shown = bytes / 1024;
  for (const char* larger : {"MiB", "GiB", "TiB"}) {
    if (shown < 1024) break;
    shown /= 1024;
    unit = larger;
  }
  return fmt::format("{:.4g} {}", shown, unit);
}

std::string Describe(const SeenCache& cache) {
  std::string text = fmt::format("L{}: {}", cache.level, SetName(cache.bytes));
  text += cache.described_bytes ? fmt::format(" (described: {})", SetName(*cache.described_bytes))
                                : " (not described)";
  if (cache.latency_s) text += ", " + Quantity(*cache.latency_s, "s");
  return text;
}

}  // namespace inferometer
