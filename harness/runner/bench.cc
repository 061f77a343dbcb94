// Opens and checks the sessions of a device.
#include "harness/runner/bench.h"

#include <fmt/format.h>

#include <exception>

namespace inferometer {
namespace {

// The first op that the device does not support, and why; empty when it supports all.
std::string Unsupported(const Device& device, const ModelPlan& plan) {
  for (const Op& op : plan.ops) {
    const std::string reason = device.WhyNot(op);
    if (!reason.empty()) return fmt::format("{}: {}", NameOf(op), reason);
  }
  return "";
}

}  // namespace

Bench OpenBench(ChosenDevice& chosen, const Model& model, std::span<const PlanLimits> sessions) {
  Bench bench;
  bench.chosen = &chosen;
  const Session* like = nullptr;
  for (const PlanLimits& limits : sessions) {
    Stand stand;
    try {
      stand.unsupported = Unsupported(*chosen.device, BuildPlan(model, limits));
      if (stand.unsupported.empty()) {
        stand.session = std::make_unique<Session>(*chosen.device, model, limits, like);
        like = stand.session.get();
      }
    } catch (const std::exception& error) {
      stand.failure = error.what();
    }
    bench.stands.push_back(std::move(stand));
  }
  return bench;
}

void CheckConformance(Bench& bench, ModelOracle& oracle, std::span<const std::int32_t> prompt,
                      int greedy_total) {
  for (Stand& stand : bench.stands) {
    if (!stand.session) continue;
    try {
      const ModelResult verified = VerifySession(*stand.session, oracle, prompt, greedy_total);
      stand.conformance = verified.conformance;
      if (!verified.conformance.pass) stand.failure = "conformance failed: " + verified.why_failed;
    } catch (const std::exception& error) {
      stand.failure = fmt::format("the conformance check failed: {}", error.what());
    }
  }
}

}  // namespace inferometer
