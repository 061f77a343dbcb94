// KV quant: a cache in f16 and in q8_0 at the same depth, and what the smaller one costs in output.
#include <algorithm>

#include "harness/base/nmse.h"
#include "harness/runner/session.h"
#include "harness/workloads/greedy.h"
#include "harness/workloads/kv_state.h"
#include "harness/workloads/token_trace.h"
#include "harness/workloads/workload.h"

namespace inferometer {
namespace {

constexpr int kDepth = 2048, kTokens = 32;
// Steps whose logits are compared: the cache's error is in the depth, not in their number.
constexpr std::int64_t kCompared = 8;

std::vector<Case> Cases(std::string_view preset) {
  std::vector<Case> cases;
  if (preset != "extended") return cases;
  for (const char* kv : {"f16", "q8_0"}) {
    cases.push_back({"kv_quant", {{"depth", kDepth}, {"tokens", kTokens}, {"kv", kv}}});
  }
  return cases;
}

bool IsPlain(const Case& c) { return c.params.at("kv") == "f16"; }
std::int64_t Depth(const Case& c) { return c.params.at("depth").get<std::int64_t>(); }
std::int64_t Tokens(const Case& c) { return c.params.at("tokens").get<std::int64_t>(); }

std::vector<RowKey> RowKeys(const Case& c) {
  std::vector<RowKey> rows = {{"decode_rate"}, {"kv_bytes"}};
  if (!IsPlain(c)) rows.push_back({"kv_nmse"}), rows.push_back({"kv_greedy_match"});
  return rows;
}

// A cache that is not f16 is held against one that is.
std::vector<PlanLimits> Limits(const Case& c) {
  const PlanLimits plain{.positions = Depth(c) + Tokens(c), .step_tokens = kFillTokens};
  if (IsPlain(c)) return {plain};
  PlanLimits other = plain;
  other.kv_format = FindFormat(c.params.at("kv").get<std::string>())->id;
  return {other, plain};
}

Work AllWork(const Case& c, const ModelPlan& plan) {
  const std::int64_t tokens = Tokens(c) + (IsPlain(c) ? 0 : 2 * kCompared);
  return WorkOfToken(plan.ops, tokens, Depth(c)) * static_cast<double>(tokens);
}

struct Output {
  std::vector<float> logits;          // of all compared steps
  std::vector<std::int32_t> choices;  // the greedy one of each
};

// The prompt goes on behind `depth` tokens of it, one at a time.
Output OutputOf(const SharedSession& place, std::span<const std::int32_t> prompt,
                std::int64_t depth) {
  place.cache->Fill(*place.session, prompt, depth);
  place.cache->Spoil(depth, kCompared);
  Output output;
  for (std::int64_t at = depth; at < depth + kCompared; ++at) {
    const TokenAt token{.id = prompt[static_cast<std::size_t>(at)],
                        .position = static_cast<std::int32_t>(at),
                        .sequence = kPromptSequence,
                        .output = true};
    place.session->Run({&token, 1});
    const std::vector<float> logits = place.session->Logits();
    output.logits.insert(output.logits.end(), logits.begin(), logits.end());
    output.choices.push_back(place.session->Greedy());
  }
  return output;
}

double ShareEqual(std::span<const std::int32_t> a, std::span<const std::int32_t> b) {
  std::size_t equal = 0;
  for (std::size_t i = 0; i < a.size(); ++i) equal += a[i] == b[i] ? 1 : 0;
  return static_cast<double>(equal) / static_cast<double>(a.size());
}

// Rates as `decode` takes them; the comparison is outside the timed window.
Repetition Run(const Subject& subject, const Case& c) {
  Session& session = subject.session();
  const std::int64_t depth = Depth(c);
  subject.cache().Fill(session, subject.prompt, depth);
  subject.cache().Spoil(depth, Tokens(c));
  Generation generation;
  const double t0_s = subject.now();
  Generate(session, subject.now, t0_s,
           {.id = subject.prompt[static_cast<std::size_t>(depth)],
            .position = static_cast<std::int32_t>(depth),
            .sequence = kPromptSequence},
           static_cast<std::size_t>(Tokens(c)), generation);

  Repetition repetition;
  repetition.window = DecodeWindow(generation, t0_s);
  repetition.token_times_s = generation.times_s;
  const double rate = DecodeRate(generation.times_s);
  const Work work = WorkOfToken(session.plan().ops, Tokens(c) - 1, depth + 1);
  const auto bytes = static_cast<double>(KvBytes(session.plan(), depth));
  repetition.measurements = {{"decode_rate", rate, work, 1 / rate}, {"kv_bytes", bytes, {}, 0}};
  if (!IsPlain(c)) {
    const Output got = OutputOf(subject.sessions[0], subject.prompt, depth);
    const Output want = OutputOf(subject.sessions[1], subject.prompt, depth);
    repetition.measurements.push_back({"kv_nmse", Nmse(want.logits, got.logits), {}, 0});
    repetition.measurements.push_back(
        {"kv_greedy_match", ShareEqual(want.choices, got.choices), {}, 0});
  }
  const auto prompt_tokens = static_cast<std::size_t>(depth) + 1;
  repetition.facts = {{"prompt_sha256", HashTokens(subject.prompt.first(prompt_tokens))},
                      {"generated_sha256", HashTokens(generation.ids)}};
  return repetition;
}

}  // namespace

extern const Workload kKvQuant;
const Workload kKvQuant = {
    .name = "kv_quant",
    .help = "a KV cache in f16 and in q8_0 behind 2048 tokens: rate, bytes, and the error of q8_0",
    .cases = Cases,
    .rows = RowKeys,
    .limits = Limits,
    .work = AllWork,
    .depth = Depth,
    .run = Run};

}  // namespace inferometer
