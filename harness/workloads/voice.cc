// Voice: a spoken turn behind a cached system prompt, its answer spoken while it is generated.
#include "harness/runner/session.h"
#include "harness/workloads/greedy.h"
#include "harness/workloads/speech.h"
#include "harness/workloads/token_trace.h"
#include "harness/workloads/workload.h"

namespace inferometer {
namespace {

// An answer of 96 tokens is 27 s of speech.
constexpr int kSystem = 512, kUtterance = 64, kAnswer = 96;

std::vector<Case> Cases(std::string_view preset) {
  if (preset == "quick") return {};
  return {{"voice",
           {{"system", kSystem}, {"utterance", kUtterance}, {"answer", kAnswer}, {"kv", "f16"}}}};
}

std::vector<RowKey> RowKeys(const Case&) {
  return {{"first_clause_time"}, {"speech_headroom"}, {"speech_stalls"}};
}

std::int64_t Count(const Case& c, const char* key) { return c.params.at(key).get<std::int64_t>(); }
std::int64_t System(const Case& c) { return Count(c, "system"); }
std::int64_t Heard(const Case& c) { return System(c) + Count(c, "utterance"); }

std::vector<PlanLimits> Limits(const Case& c) {
  return {{.positions = Heard(c) + Count(c, "answer"), .step_tokens = Count(c, "utterance")}};
}

// The utterance and the `tokens - 1` steps after its first sampled token.
Work AnswerWork(const Case& c, const ModelPlan& plan, std::int64_t tokens) {
  Work work = WorkOfPrompt(plan.ops, Count(c, "utterance"), System(c), plan.limits.step_tokens);
  return work += WorkOfToken(plan.ops, tokens - 1, Heard(c)) * static_cast<double>(tokens - 1);
}

Work AllWork(const Case& c, const ModelPlan& plan) {
  return AnswerWork(c, plan, Count(c, "answer"));
}

// t0: the utterance's ids are handed over.
Repetition Run(const Subject& subject, const Case& c) {
  Session& session = subject.session();
  const auto tokens = static_cast<std::size_t>(Count(c, "answer"));
  const std::span<const std::int32_t> ids =
      subject.prompt.first(static_cast<std::size_t>(Heard(c)));
  subject.cache().Fill(session, subject.prompt, System(c));
  subject.cache().Spoil(System(c), Heard(c) + Count(c, "answer") - System(c));

  const double t0_s = subject.now();
  session.Prefill(ids.subspan(static_cast<std::size_t>(System(c))),
                  static_cast<std::int32_t>(System(c)), kPromptSequence);
  Generation generation;
  generation.ids = {session.Greedy()};
  generation.times_s = {subject.now() - t0_s};
  Generate(session, subject.now, t0_s,
           {.id = generation.ids.front(),
            .position = static_cast<std::int32_t>(Heard(c)),
            .sequence = kPromptSequence},
           tokens - 1, generation);

  Repetition repetition;
  repetition.window = DecodeWindow(generation, t0_s);
  repetition.token_times_s = generation.times_s;
  const std::vector<double>& times = repetition.token_times_s;
  const double clause_s = FirstClauseTime(times);
  repetition.measurements = {
      {"first_clause_time", clause_s,
       AnswerWork(c, session.plan(), static_cast<std::int64_t>(kClauseTokens)), clause_s},
      {"speech_headroom", SpeechHeadroom(times), {}, 0},
      {"speech_stalls", static_cast<double>(SpeechStalls(times)), {}, 0}};
  repetition.facts = {{"prompt_sha256", HashTokens(ids)},
                      {"generated_sha256", HashTokens(generation.ids)}};
  return repetition;
}

}  // namespace

extern const Workload kVoice;
const Workload kVoice = {
    .name = "voice",
    .help =
        "a spoken turn: 64 tokens heard behind 512 cached ones, the answer spoken at 160 words "
        "a minute",
    .cases = Cases,
    .rows = RowKeys,
    .limits = Limits,
    .work = AllWork,
    .depth = System,
    .run = Run};

}  // namespace inferometer
