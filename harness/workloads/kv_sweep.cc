// KV sweep: what each cached token costs, from decode rates at growing depth.
#include "harness/runner/session.h"
#include "harness/workloads/greedy.h"
#include "harness/workloads/kv_fit.h"
#include "harness/workloads/token_trace.h"
#include "harness/workloads/workload.h"

namespace inferometer {
namespace {

constexpr int kTokens = 16;
constexpr std::size_t kFewestDepths = 3;  // two always lie on a line

std::vector<Case> Cases(std::string_view preset) {
  if (preset != "extended") return {};
  const std::vector<int> depths = {0, 512, 1024, 2048, 4096, 8192};
  return {{"kv_sweep", {{"depths", depths}, {"tokens", kTokens}, {"kv", "f16"}}}};
}

std::vector<std::int64_t> Depths(const Case& c) {
  return c.params.at("depths").get<std::vector<std::int64_t>>();
}
std::int64_t Deepest(const Case& c) { return Depths(c).back(); }
std::int64_t Tokens(const Case& c) { return c.params.at("tokens").get<std::int64_t>(); }

nlohmann::json At(std::int64_t depth) { return {{"depth", depth}}; }

std::vector<RowKey> RowKeys(const Case& c) {
  std::vector<RowKey> rows;
  for (const std::int64_t depth : Depths(c)) rows.push_back({"decode_rate", At(depth)});
  rows.push_back({"kv_base_latency"});
  rows.push_back({"kv_depth_cost"});
  rows.push_back({"kv_fit_r2"});
  return rows;
}

std::vector<PlanLimits> Limits(const Case& c) {
  return {{.positions = Deepest(c) + Tokens(c), .step_tokens = kFillTokens}};
}

// Without the depths that do not fit.
Case Clip(const Case& c, std::int64_t positions) {
  std::vector<std::int64_t> depths = Depths(c);
  while (depths.size() > kFewestDepths && depths.back() + Tokens(c) > positions) depths.pop_back();
  Case clipped = c;
  clipped.params["depths"] = depths;
  return clipped;
}

// The tokens, and the step of the fill that those of the depth before have spoiled.
Work AllWork(const Case& c, const ModelPlan& plan) {
  Work work;
  for (const std::int64_t depth : Depths(c)) {
    work += WorkOfToken(plan.ops, Tokens(c), depth) * static_cast<double>(Tokens(c));
    if (depth < Deepest(c)) work += WorkOfPrompt(plan.ops, kFillTokens, depth, kFillTokens);
  }
  return work;
}

// At each depth the cache holds that many tokens of the prompt, filled outside the timed windows;
// t0: the token after them is handed over.
Repetition Run(const Subject& subject, const Case& c) {
  Session& session = subject.session();
  const auto tokens = static_cast<std::size_t>(Tokens(c));
  Repetition repetition;
  std::vector<DepthTime> points;
  std::vector<std::int32_t> generated;
  for (const std::int64_t depth : Depths(c)) {
    subject.cache().Fill(session, subject.prompt, depth);
    subject.cache().Spoil(depth, Tokens(c));
    Generation generation;
    const double t0_s = subject.now();
    Generate(session, subject.now, t0_s,
             {.id = subject.prompt[static_cast<std::size_t>(depth)],
              .position = static_cast<std::int32_t>(depth),
              .sequence = kPromptSequence},
             tokens, generation);
    const double rate = DecodeRate(generation.times_s);
    const Work work = WorkOfToken(session.plan().ops, Tokens(c) - 1, depth + 1);
    repetition.measurements.push_back(
        {"decode_rate", rate, work, 1 / rate, At(depth), generation.times_s});
    points.push_back({MeanDepth(depth, Tokens(c)), 1 / rate});
    generated.insert(generated.end(), generation.ids.begin(), generation.ids.end());
  }
  const LinearFit fit = FitDepth(points);
  repetition.measurements.push_back({"kv_base_latency", fit.intercept, {}, 0});
  repetition.measurements.push_back({"kv_depth_cost", fit.slope, {}, 0});
  repetition.measurements.push_back({"kv_fit_r2", fit.r_squared, {}, 0});
  const auto prompt_tokens = static_cast<std::size_t>(Deepest(c)) + 1;
  repetition.facts = {{"prompt_sha256", HashTokens(subject.prompt.first(prompt_tokens))},
                      {"generated_sha256", HashTokens(generated)}};
  return repetition;
}

}  // namespace

extern const Workload kKvSweep;
const Workload kKvSweep = {
    .name = "kv_sweep",
    .help = "decode behind 0, 512, 1k, 2k, 4k and 8k cached tokens, and the line through them",
    .cases = Cases,
    .rows = RowKeys,
    .limits = Limits,
    .work = AllWork,
    .depth = Deepest,
    .clip = Clip,
    .run = Run};

}  // namespace inferometer
