// What a listener hears of a trace of token times.
#include "harness/workloads/speech.h"

#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/workloads/token_trace.h"

namespace inferometer {
namespace {

// Rounding of sums of token times is no wait that anybody hears.
constexpr double kInaudibleSeconds = 1e-9;

}  // namespace

double FirstClauseTime(std::span<const double> token_times_s) {
  if (token_times_s.size() < kClauseTokens) {
    throw Error(ExitCode::kRunFailed, fmt::format("{} sampled tokens: a clause needs {}",
                                                  token_times_s.size(), kClauseTokens));
  }
  return token_times_s[kClauseTokens - 1];
}

double SpeechHeadroom(std::span<const double> token_times_s) {
  return DecodeRate(token_times_s) / kSpeechTokensPerSecond;
}

std::int64_t SpeechStalls(std::span<const double> token_times_s) {
  constexpr double kTokenSeconds = 1 / kSpeechTokensPerSecond;
  double silent_at_s = FirstClauseTime(token_times_s) + kClauseTokens * kTokenSeconds;
  std::int64_t stalls = 0;
  for (const double ready_s : token_times_s.subspan(kClauseTokens)) {
    if (ready_s > silent_at_s + kInaudibleSeconds) {
      ++stalls;
      silent_at_s = ready_s;
    }
    silent_at_s += kTokenSeconds;
  }
  return stalls;
}

}  // namespace inferometer
