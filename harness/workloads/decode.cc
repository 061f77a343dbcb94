// Decode: greedy tokens one at a time, behind a cache of a given depth.
#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/runner/session.h"
#include "harness/workloads/token_trace.h"
#include "harness/workloads/workload.h"

namespace inferometer {
namespace {

constexpr int kTokens = 128;

std::vector<Case> Cases(std::string_view preset) {
  std::vector<Case> cases;
  const auto add = [&cases](int depth) {
    cases.push_back({"decode", {{"depth", depth}, {"tokens", kTokens}, {"kv", "f16"}}});
  };
  add(0);
  if (preset != "quick") add(2048);
  if (preset == "extended") add(8192);
  return cases;
}

std::vector<std::string_view> Metrics(const Case& c) {
  std::vector<std::string_view> metrics = {"decode_rate", "itl_p50", "itl_p95"};
  if (c.params.at("tokens").get<std::size_t>() >= kTailTokens) metrics.emplace_back("itl_p99");
  return metrics;
}

// Depth 0 runs in the scratch sequence, so that it does not spoil the filled cache of the others.
PlanLimits Limits(const Case& c) {
  const auto depth = c.params.at("depth").get<std::int64_t>();
  return {.positions = depth + c.params.at("tokens").get<std::int64_t>(),
          .step_tokens = depth > 0 ? 512 : 1,
          .sequences = depth > 0 ? kPromptSequence + 1 : 1};
}

// Without the filling of the cache, which only the first repetition needs.
Work AllWork(const Case& c, const ModelPlan& plan) {
  const auto tokens = c.params.at("tokens").get<std::int64_t>();
  return WorkOfToken(plan.ops, tokens, c.params.at("depth").get<std::int64_t>()) *
         static_cast<double>(tokens);
}

// The cache holds `depth` tokens of the prompt, filled outside the timed window. t0: the token
// after them is handed over. Each greedy choice is fed back as the next token, end-of-sequence or
// not.
Repetition Run(const Subject& subject, const Case& c) {
  const auto depth = c.params.at("depth").get<std::int32_t>();
  const auto tokens = c.params.at("tokens").get<std::size_t>();
  Session& session = *subject.session;
  const std::int32_t sequence = depth > 0 ? kPromptSequence : 0;
  if (depth > 0) {
    subject.cache->Fill(session, subject.prompt, depth);
    subject.cache->Spoil(depth, static_cast<std::int64_t>(tokens));
  }

  Repetition repetition;
  std::vector<std::int32_t> generated;
  generated.reserve(tokens);
  repetition.token_times_s.reserve(tokens);
  TokenAt token{.id = subject.prompt[static_cast<std::size_t>(depth)],
                .position = depth,
                .sequence = sequence,
                .output = true};
  const double t0 = subject.now();
  for (std::size_t i = 0; i < tokens; ++i) {
    session.Run({&token, 1});
    token.id = session.Greedy();
    repetition.token_times_s.push_back(subject.now() - t0);
    generated.push_back(token.id);
    ++token.position;
  }

  const std::vector<double>& times = repetition.token_times_s;
  if (times.size() != tokens) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("{} tokens were generated instead of {}", times.size(), tokens));
  }
  // The timed steps are those after the first token: positions depth + 1 on.
  const auto steps = static_cast<std::int64_t>(tokens) - 1;
  const Work work = WorkOfToken(session.plan().ops, steps, depth + 1);
  const double rate = DecodeRate(times);
  repetition.measurements.push_back({"decode_rate", rate, work, 1 / rate});
  const auto add = [&](const char* metric, double p) {
    if (const auto value = InterTokenLatency(times, p)) {
      repetition.measurements.push_back({metric, *value, work, *value});
    }
  };
  add("itl_p50", 0.5);
  add("itl_p95", 0.95);
  add("itl_p99", 0.99);
  const auto prompt_tokens = static_cast<std::size_t>(depth) + 1;
  repetition.facts = {{"prompt_sha256", HashTokens(subject.prompt.first(prompt_tokens))},
                      {"generated_sha256", HashTokens(generated)}};
  return repetition;
}

}  // namespace

extern const Workload kDecode;
const Workload kDecode = {.name = "decode",
                          .help = "128 tokens one at a time, behind 0, 2048 or 8192 cached tokens",
                          .cases = Cases,
                          .metrics = Metrics,
                          .limits = Limits,
                          .work = AllWork,
                          .run = Run};

}  // namespace inferometer
