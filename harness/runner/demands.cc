// What the preset `leaderboard` demands beyond the others.
#include "harness/runner/demands.h"

#include <fmt/format.h>

#include <string>

#include "harness/base/error.h"

namespace inferometer {
namespace {

constexpr std::uint64_t kSeed = 1;

bool IsForLeaderboard(const RunRequest& request) { return request.preset == "leaderboard"; }

[[noreturn]] void Refuse(const std::string& what) {
  throw Error(
      ExitCode::kUsage,
      fmt::format("--preset leaderboard {}; take --preset standard for anything else", what));
}

}  // namespace

void CheckDemands(const RunRequest& request, bool debug_build) {
  if (!IsForLeaderboard(request)) return;
  if (request.seed != kSeed) Refuse("runs with --seed 1, so that all measure the same weights");
  if (!request.wait) Refuse("waits for the machine to settle: leave --no-wait away");
  if (!request.workloads.empty()) Refuse("runs all its workloads: leave --workload away");
  if (debug_build) Refuse("needs an optimized build: cmake --preset release");
}

void RequireQuiet(const RunRequest& request, const nlohmann::json& run) {
  if (!IsForLeaderboard(request)) return;
  const auto gate = run.find("start_gate");
  if (gate == run.end() || !gate->is_object() || gate->value("settled", true)) return;
  const auto reason = gate->find("reason");
  throw Error(
      ExitCode::kRunFailed,
      fmt::format("the machine is not quiet enough for the leaderboard: {}; end other programs, "
                  "let it cool, and run again, or take --preset standard",
                  reason != gate->end() && reason->is_string() ? reason->get<std::string>()
                                                               : std::string("it did not settle")));
}

}  // namespace inferometer
