// Sustained: decode for minutes, to see what heat and power limits leave of the rate.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"
#include "harness/runner/session.h"
#include "harness/stats/median.h"
#include "harness/workloads/endurance.h"
#include "harness/workloads/token_trace.h"
#include "harness/workloads/workload.h"

namespace inferometer {
namespace {

constexpr int kMinutes = 5;
// The cache starts empty again after so many tokens: depth then moves the rate by a few per cent
// at most, so that a fall is the device's.
constexpr int kWindow = 256;
// Tokens whose ids stand in the record; every device makes as many in time.
constexpr std::size_t kHashed = 16;

std::vector<Case> Cases(std::string_view preset) {
  if (preset != "extended") return {};
  return {{"sustained", {{"minutes", kMinutes}, {"window", kWindow}, {"kv", "f16"}}}};
}

std::vector<RowKey> RowKeys(const Case&) {
  return {{"sustained_rate"}, {"sustained_ratio"}, {"throttle_onset"}};
}

std::int64_t CacheTokens(const Case& c) { return c.params.at("window").get<std::int64_t>(); }

double Lasts(const Case& c) { return 60 * c.params.at("minutes").get<double>(); }

std::vector<PlanLimits> Limits(const Case& c) {
  return {{.positions = CacheTokens(c), .step_tokens = 1, .sequences = kScratchSequence + 1}};
}

Case Clip(const Case& c, std::int64_t positions) {
  Case clipped = c;
  clipped.params["window"] = std::min(CacheTokens(c), positions);
  return clipped;
}

Work TokenWork(const Case& c, const ModelPlan& plan) {
  return WorkOfToken(plan.ops, CacheTokens(c), 0);
}

// t0: the first id is handed over. Each time the cache is full it starts again from that id, which
// must lead to the same tokens, however hot the device has become.
struct Loop {
  std::vector<double> times_s;      // of every token since t0
  std::vector<std::int32_t> cycle;  // the tokens from one start to the next
  double t0_s = 0;
};

Loop Decode(const Subject& subject, const Case& c) {
  const auto window = static_cast<std::size_t>(CacheTokens(c));
  const double lasts_s = Lasts(c);
  Loop loop;
  TokenAt token{.sequence = kScratchSequence, .output = true};
  double told_s = 0;
  loop.t0_s = subject.now();
  while (loop.times_s.empty() || loop.times_s.back() < lasts_s) {
    const std::size_t at = loop.times_s.size() % window;
    if (at == 0) token.id = subject.prompt.front();
    token.position = static_cast<std::int32_t>(at);
    subject.session().Run({&token, 1});
    token.id = subject.session().Greedy();
    const double after_s = subject.now() - loop.t0_s;
    loop.times_s.push_back(after_s);
    if (loop.cycle.size() == at) {
      loop.cycle.push_back(token.id);
    } else if (loop.cycle[at] != token.id) {
      throw Error(ExitCode::kRunFailed,
                  fmt::format("after {:.0f} s token {} behind the same tokens is another one: the "
                              "device no longer computes what it did",
                              after_s, at));
    }
    if (after_s < told_s + kBinSeconds) continue;
    told_s = after_s;
    if (subject.tell) subject.tell(static_cast<double>(loop.times_s.size()) / after_s);
    if (subject.stop && subject.stop()) break;
  }
  return loop;
}

Repetition Run(const Subject& subject, const Case& c) {
  const Loop loop = Decode(subject, c);
  const std::vector<double> rates = RateBins(loop.times_s);
  if (rates.empty()) {
    throw Error(ExitCode::kRunFailed, "not one second of decoding was measured");
  }
  const double median = Median(rates);
  Measurement rate{"sustained_rate", median, TokenWork(c, subject.session().plan()), 1 / median};
  rate.samples = rates;
  Measurement ratio{"sustained_ratio", 0, {}, 0}, onset{"throttle_onset", 0, {}, 0};
  if (const auto value = LastAgainstFirst(rates)) {
    ratio.value = *value;
  } else {
    ratio.absent = fmt::format("{} s are no first and last minute", rates.size());
  }
  if (const auto bin = ThrottleOnset(rates)) {
    onset.value = static_cast<double>(*bin) * kBinSeconds;
  } else {
    onset.absent = "no slowdown was found";
  }

  Repetition repetition;
  repetition.measurements = {rate, ratio, onset};
  repetition.window = Window{loop.t0_s, loop.t0_s + loop.times_s.back(),
                             static_cast<std::int64_t>(loop.times_s.size())};
  const std::span<const std::int32_t> made = loop.cycle;
  repetition.facts = {{"prompt_sha256", HashTokens(subject.prompt.first(1))},
                      {"generated_sha256", HashTokens(made.first(std::min(kHashed, made.size())))}};
  if (loop.times_s.back() < Lasts(c)) {
    repetition.facts["ended_after_s"] = std::floor(loop.times_s.back());
  }
  return repetition;
}

}  // namespace

extern const Workload kSustained;
const Workload kSustained = {
    .name = "sustained",
    .help = "decode for 5 minutes by the second: the last minute against the first",
    .cases = Cases,
    .rows = RowKeys,
    .limits = Limits,
    .work = TokenWork,
    .clip = Clip,
    .lasts = Lasts,
    .run = Run};

}  // namespace inferometer
