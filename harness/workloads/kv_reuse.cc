// KV reuse: the second turn of a conversation, with the cache of the first kept and dropped.
#include "harness/runner/session.h"
#include "harness/workloads/token_trace.h"
#include "harness/workloads/workload.h"

namespace inferometer {
namespace {

constexpr int kTurn1 = 1024, kTurn2 = 64;

nlohmann::json Kept() { return {{"cache", "kept"}}; }
nlohmann::json Dropped() { return {{"cache", "dropped"}}; }

std::vector<Case> Cases(std::string_view preset) {
  if (preset == "quick") return {};
  return {{"kv_reuse", {{"turn_1", kTurn1}, {"turn_2", kTurn2}, {"kv", "f16"}}}};
}

std::vector<RowKey> RowKeys(const Case&) {
  return {{"ttft", Kept()}, {"ttft", Dropped()}, {"kv_reuse_speedup"}};
}

std::int64_t Turn1(const Case& c) { return c.params.at("turn_1").get<std::int64_t>(); }
std::int64_t BothTurns(const Case& c) {
  return Turn1(c) + c.params.at("turn_2").get<std::int64_t>();
}

std::vector<PlanLimits> Limits(const Case& c) {
  return {{.positions = BothTurns(c),
           .step_tokens = std::min(BothTurns(c), kPromptStep),
           .sequences = kScratchSequence + 1}};
}

Work KeptWork(const Case& c, const ModelPlan& plan) {
  return WorkOfPrompt(plan.ops, BothTurns(c) - Turn1(c), Turn1(c), plan.limits.step_tokens);
}

Work DroppedWork(const Case& c, const ModelPlan& plan) {
  return WorkOfPrompt(plan.ops, BothTurns(c), 0, plan.limits.step_tokens);
}

Work AllWork(const Case& c, const ModelPlan& plan) {
  Work work = KeptWork(c, plan);
  return work += DroppedWork(c, plan);
}

struct FirstToken {
  double after_s = 0;
  std::int32_t id = 0;
};

// t0: the ids are handed over.
FirstToken TimeToFirst(const Subject& subject, std::span<const std::int32_t> ids,
                       std::int64_t position, std::int32_t sequence) {
  const double t0_s = subject.now();
  subject.session().Prefill(ids, static_cast<std::int32_t>(position), sequence);
  const std::int32_t first = subject.session().Greedy();
  return {subject.now() - t0_s, first};
}

// Both ways see the same tokens. One after the other in each repetition, so that the speed-up is a
// ratio of neighbours in time.
Repetition Run(const Subject& subject, const Case& c) {
  const auto all = static_cast<std::size_t>(BothTurns(c));
  const auto cached = static_cast<std::size_t>(Turn1(c));
  const std::span<const std::int32_t> ids = subject.prompt.first(all);
  subject.cache().Fill(subject.session(), subject.prompt, Turn1(c));
  subject.cache().Spoil(Turn1(c), BothTurns(c) - Turn1(c));
  const FirstToken kept = TimeToFirst(subject, ids.subspan(cached), Turn1(c), kPromptSequence);
  const FirstToken dropped = TimeToFirst(subject, ids, 0, kScratchSequence);

  Repetition repetition;
  const ModelPlan& plan = subject.session().plan();
  repetition.measurements = {
      {"ttft", kept.after_s, KeptWork(c, plan), kept.after_s, Kept()},
      {"ttft", dropped.after_s, DroppedWork(c, plan), dropped.after_s, Dropped()},
      {"kv_reuse_speedup", SpeedUp(dropped.after_s, kept.after_s), {}, 0}};
  repetition.facts = {{"prompt_sha256", HashTokens(ids)},
                      {"generated_sha256", HashTokens(std::vector{kept.id, dropped.id})}};
  return repetition;
}

}  // namespace

extern const Workload kKvReuse;
const Workload kKvReuse = {
    .name = "kv_reuse",
    .help = "turn 2 of a chat: 64 new tokens on 1024 cached ones, against all 1088 anew",
    .cases = Cases,
    .rows = RowKeys,
    .limits = Limits,
    .work = AllWork,
    .depth = Turn1,
    .run = Run};

}  // namespace inferometer
