// Joins the limits of cases as long as no memory is lost.
#include "harness/runner/sessions.h"

#include <algorithm>

namespace inferometer {
namespace {

// The conformance check's prompt and continuation, at most.
constexpr std::int64_t kConformancePositions = 64;

PlanLimits Join(const PlanLimits& a, const PlanLimits& b) {
  return {.positions = std::max(a.positions, b.positions),
          .step_tokens = std::max(a.step_tokens, b.step_tokens),
          .outputs = std::max(a.outputs, b.outputs),
          .sequences = std::max(a.sequences, b.sequences),
          .kv_format = a.kv_format};
}

std::int64_t CacheSize(const PlanLimits& limits) { return limits.positions * limits.sequences; }

// The index of the session that suits, which is made where there is none.
std::size_t SessionFor(std::vector<PlanLimits>& sessions, const PlanLimits& limits) {
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    const PlanLimits joined = Join(sessions[i], limits);
    if (sessions[i].kv_format != limits.kv_format) continue;
    if (CacheSize(joined) > CacheSize(sessions[i]) + CacheSize(limits)) continue;
    sessions[i] = joined;
    return i;
  }
  sessions.push_back(limits);
  return sessions.size() - 1;
}

}  // namespace

SessionPlan PlanSessions(const std::vector<SelectedCase>& cases) {
  const PlanLimits least{.positions = kConformancePositions, .step_tokens = kConformancePositions};
  SessionPlan plan;
  plan.sessions.push_back(least);
  for (const SelectedCase& c : cases) {
    std::vector<std::size_t>& of_case = plan.of_case.emplace_back();
    if (c.workload->own_session || !c.why_not.empty()) {
      of_case.push_back(0);
      continue;
    }
    for (const PlanLimits& limits : c.workload->limits(c.point)) {
      const PlanLimits checked = Join(limits, least);  // keeps the format of the first
      of_case.push_back(SessionFor(plan.sessions, checked));
    }
  }
  return plan;
}

}  // namespace inferometer
