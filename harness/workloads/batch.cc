// Batch: independent sequences in one plan, each step one token of every sequence.
#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/runner/session.h"
#include "harness/workloads/token_trace.h"
#include "harness/workloads/workload.h"

namespace inferometer {
namespace {

constexpr int kTokens = 32;
constexpr std::int64_t kMostSequences = 16;

std::vector<Case> Cases(std::string_view preset) {
  std::vector<Case> cases;
  if (preset != "extended") return cases;
  for (const int sequences : {1, 2, 4, 8, 16}) {
    cases.push_back({"batch", {{"sequences", sequences}, {"tokens", kTokens}, {"kv", "f16"}}});
  }
  return cases;
}

std::vector<RowKey> RowKeys(const Case&) { return {{"batch_rate"}, {"decode_rate"}}; }

std::int64_t Sequences(const Case& c) { return c.params.at("sequences").get<std::int64_t>(); }
std::int64_t Tokens(const Case& c) { return c.params.at("tokens").get<std::int64_t>(); }

// All cases run on the same plan, so that they differ by nothing but the sequences in a step.
std::vector<PlanLimits> Limits(const Case& c) {
  return {{.positions = Tokens(c),
           .step_tokens = kMostSequences,
           .outputs = kMostSequences,
           .sequences = kMostSequences}};
}

std::vector<TokenAt> StepAt(std::int64_t position, std::int64_t sequences) {
  std::vector<TokenAt> step;
  for (std::int64_t i = 0; i < sequences; ++i) {
    step.push_back({.position = static_cast<std::int32_t>(position),
                    .sequence = static_cast<std::int32_t>(i),
                    .output = true});
  }
  return step;
}

// The mean of the steps at positions `begin` to `end` - 1.
Work MeanStep(const Case& c, const ModelPlan& plan, std::int64_t begin, std::int64_t end) {
  Work work;
  for (std::int64_t at = begin; at < end; ++at) {
    work += WorkOf(plan.ops, {StepAt(at, Sequences(c))});
  }
  return work * (1.0 / static_cast<double>(end - begin));
}

Work AllWork(const Case& c, const ModelPlan& plan) {
  return MeanStep(c, plan, 0, Tokens(c)) * static_cast<double>(Tokens(c));
}

// t0: the first ids, a different one of the prompt for each sequence, are handed over. Each greedy
// choice is its sequence's next token.
Repetition Run(const Subject& subject, const Case& c) {
  const std::int64_t sequences = Sequences(c), tokens = Tokens(c);
  Session& session = subject.session();
  // It writes over the prompt where it shares its session.
  subject.cache().Spoil(0, tokens);
  std::vector<TokenAt> step = StepAt(0, sequences);
  for (std::size_t i = 0; i < step.size(); ++i) step[i].id = subject.prompt[i];

  Repetition repetition;
  std::vector<double>& times = repetition.token_times_s;
  std::vector<std::vector<std::int32_t>> generated(step.size());
  const double t0_s = subject.now();
  for (std::int64_t at = 0; at < tokens; ++at) {
    session.Run(step);
    for (std::size_t i = 0; i < step.size(); ++i) {
      step[i].id = session.Greedy(i);
      ++step[i].position;
    }
    times.push_back(subject.now() - t0_s);
    for (std::size_t i = 0; i < step.size(); ++i) generated[i].push_back(step[i].id);
  }
  repetition.window = Window{t0_s + times.front(), t0_s + times.back(), sequences * (tokens - 1)};

  std::vector<std::int32_t> all;
  for (const auto& ids : generated) all.insert(all.end(), ids.begin(), ids.end());
  if (all.size() != static_cast<std::size_t>(sequences * tokens)) {
    throw Error(ExitCode::kRunFailed, fmt::format("{} tokens were generated instead of {}",
                                                  all.size(), sequences * tokens));
  }
  const double rate = DecodeRate(times);
  const Work work = MeanStep(c, session.plan(), 1, tokens);
  const auto n = static_cast<double>(sequences);
  repetition.measurements = {{"batch_rate", n * rate, work * (1 / n), 1 / (n * rate)},
                             {"decode_rate", rate, work, 1 / rate}};
  const std::span<const std::int32_t> first = subject.prompt.first(step.size());
  repetition.facts = {{"prompt_sha256", HashTokens(first)}, {"generated_sha256", HashTokens(all)}};
  return repetition;
}

}  // namespace

extern const Workload kBatch;
const Workload kBatch = {
    .name = "batch",
    .help = "1, 2, 4, 8 and 16 independent sequences, one token of each in every step",
    .cases = Cases,
    .rows = RowKeys,
    .limits = Limits,
    .work = AllWork,
    .run = Run};

}  // namespace inferometer
