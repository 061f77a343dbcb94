// Decode: greedy tokens one at a time, behind a cache of a given depth.
#include "harness/runner/session.h"
#include "harness/workloads/greedy.h"
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

std::vector<RowKey> RowKeys(const Case& c) {
  std::vector<RowKey> rows = {{"decode_rate"}, {"itl_p50"}, {"itl_p95"}};
  if (c.params.at("tokens").get<std::size_t>() >= kTailTokens) rows.push_back({"itl_p99"});
  return rows;
}

// Depth 0 runs in the scratch sequence, so that it does not spoil the filled cache of the others.
std::vector<PlanLimits> Limits(const Case& c) {
  const auto depth = c.params.at("depth").get<std::int64_t>();
  return {{.positions = depth + c.params.at("tokens").get<std::int64_t>(),
           .step_tokens = depth > 0 ? kFillTokens : 1,
           .sequences = (depth > 0 ? kPromptSequence : kScratchSequence) + 1}};
}

std::int64_t Depth(const Case& c) { return c.params.at("depth").get<std::int64_t>(); }

Work AllWork(const Case& c, const ModelPlan& plan) {
  const auto tokens = c.params.at("tokens").get<std::int64_t>();
  return WorkOfToken(plan.ops, tokens, Depth(c)) * static_cast<double>(tokens);
}

// The cache holds `depth` tokens of the prompt, filled outside the timed window. t0: the token
// after them is handed over.
Repetition Run(const Subject& subject, const Case& c) {
  const auto depth = c.params.at("depth").get<std::int32_t>();
  const auto tokens = c.params.at("tokens").get<std::size_t>();
  Session& session = subject.session();
  if (depth > 0) {
    subject.cache().Fill(session, subject.prompt, depth);
    subject.cache().Spoil(depth, static_cast<std::int64_t>(tokens));
  }

  Generation generation;
  const double t0_s = subject.now();
  Generate(session, subject.now, t0_s,
           {.id = subject.prompt[static_cast<std::size_t>(depth)],
            .position = depth,
            .sequence = depth > 0 ? kPromptSequence : kScratchSequence},
           tokens, generation);

  Repetition repetition;
  repetition.window = DecodeWindow(generation, t0_s);
  repetition.token_times_s = generation.times_s;
  const std::vector<double>& times = generation.times_s;
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
                      {"generated_sha256", HashTokens(generation.ids)}};
  return repetition;
}

}  // namespace

extern const Workload kDecode;
const Workload kDecode = {.name = "decode",
                          .help = "128 tokens one at a time, behind 0, 2048 or 8192 cached tokens",
                          .cases = Cases,
                          .rows = RowKeys,
                          .limits = Limits,
                          .work = AllWork,
                          .depth = Depth,
                          .run = Run};

}  // namespace inferometer
