// The metrics' thresholds.
#include "harness/gate/gating.h"

#include <algorithm>
#include <iterator>

namespace inferometer {
namespace {

constexpr MetricGating kTable[] = {
    {"decode_rate", Gating::kRelative, 0.03},
    {"prefill_rate", Gating::kRelative, 0.05},
    {"ttft", Gating::kRelative, 0.05},
    {"itl_p50", Gating::kRelative, 0.05},
    {"itl_p95", Gating::kRelative, 0.10},
    {"itl_p99", Gating::kRelative, 0.15},
    {"load_time", Gating::kRelative, 0.15},
    {"batch_rate", Gating::kRelative, 0.05},
    {"sustained_rate", Gating::kRelative, 0.05},
    {"first_clause_time", Gating::kRelative, 0.05},
    {"energy_per_token", Gating::kRelative, 0.05},
    {"kv_bytes", Gating::kExact, 0},
    {"weight_bytes", Gating::kExact, 0},
    {"cache_bytes", Gating::kExact, 0},
    {"allocated_bytes", Gating::kExact, 0},
    {"plan_ops", Gating::kExact, 0},
    {"dispatches", Gating::kExact, 0},
    // Ratios of rows that are gated themselves, fits, and counts that jump.
    {"kv_reuse_speedup", Gating::kReport, 0},
    {"speech_headroom", Gating::kReport, 0},
    {"speech_stalls", Gating::kReport, 0},
    {"kv_base_latency", Gating::kReport, 0},
    {"kv_depth_cost", Gating::kReport, 0},
    {"kv_fit_r2", Gating::kReport, 0},
    {"sustained_ratio", Gating::kReport, 0},
    {"throttle_onset", Gating::kReport, 0},
    {"score", Gating::kReport, 0},
    // Errors: conformance holds them against their limits.
    {"kv_nmse", Gating::kReport, 0},
    {"kv_greedy_match", Gating::kReport, 0},
    {"kv_shift_nmse", Gating::kReport, 0},
};

}  // namespace

std::span<const MetricGating> GatingTable() { return kTable; }

MetricGating GatingOf(std::string_view metric) {
  const auto found = std::find_if(std::begin(kTable), std::end(kTable),
                                  [&](const MetricGating& row) { return row.metric == metric; });
  if (found != std::end(kTable)) return *found;
  return {metric, Gating::kRelative, kOtherThreshold};
}

}  // namespace inferometer
