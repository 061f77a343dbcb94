// Prefill: a prompt into an empty cache.
#include "harness/runner/session.h"
#include "harness/workloads/token_trace.h"
#include "harness/workloads/workload.h"

namespace inferometer {
namespace {

std::vector<Case> Cases(std::string_view preset) {
  std::vector<Case> cases;
  const auto add = [&cases](int tokens) {
    cases.push_back({"prefill", {{"tokens", tokens}, {"kv", "f16"}}});
  };
  if (preset == "quick" || preset == "extended") add(128);
  if (preset != "quick") add(512), add(2048);
  return cases;
}

std::vector<RowKey> RowKeys(const Case&) { return {{"prefill_rate"}, {"ttft"}}; }

std::vector<PlanLimits> Limits(const Case& c) {
  const auto tokens = c.params.at("tokens").get<std::int64_t>();
  return {{.positions = tokens,
           .step_tokens = std::min(tokens, kPromptStep),
           .sequences = kScratchSequence + 1}};
}

Work AllWork(const Case& c, const ModelPlan& plan) {
  return WorkOfPrompt(plan.ops, c.params.at("tokens").get<std::int64_t>(), 0,
                      plan.limits.step_tokens);
}

// t0: the ids are handed over. Logits are available when the last step has run; the first token is
// when the greedy choice has been read.
Repetition Run(const Subject& subject, const Case& c) {
  const auto tokens = c.params.at("tokens").get<std::size_t>();
  const std::span<const std::int32_t> ids = subject.prompt.first(tokens);
  Session& session = subject.session();

  const double t0 = subject.now();
  session.Prefill(ids, 0, kScratchSequence);
  const double logits_s = subject.now() - t0;
  const std::int32_t first = session.Greedy();
  const double ttft_s = subject.now() - t0;

  Repetition repetition;
  repetition.window = Window{t0, t0 + logits_s, static_cast<std::int64_t>(tokens)};
  const Work work = AllWork(c, session.plan());
  repetition.measurements = {{"prefill_rate", PrefillRate(tokens, logits_s), work, logits_s},
                             {"ttft", ttft_s, work, ttft_s}};
  repetition.facts = {{"prompt_sha256", HashTokens(ids)},
                      {"generated_sha256", HashTokens({&first, 1})}};
  return repetition;
}

}  // namespace

extern const Workload kPrefill;
const Workload kPrefill = {.name = "prefill",
                           .help = "a prompt of 128, 512 or 2048 tokens into an empty cache",
                           .cases = Cases,
                           .rows = RowKeys,
                           .limits = Limits,
                           .work = AllWork,
                           .run = Run};

}  // namespace inferometer
