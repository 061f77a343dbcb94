// What a listener hears of a trace of token times.
#include "harness/workloads/speech.h"

#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/workloads/token_trace.h"

namespace inferometer {
namespace {

// Rounding of sums of token times is no wait that anybody hears.
constexpr double kInaudible_s = 1e-9;

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
  constexpr double kToken_s = 1 / kSpeechTokensPerSecond;
  double silent_at_s = FirstClauseTime(token_times_s) + kClauseTokens * kToken_s;
  std::int64_t stalls = 0;
  for (const double ready_s : token_times_s.subspan(kClauseTokens)) {
    if (ready_s > silent_at_s + kInaudible_s) {
      ++stalls;
      silent_at_s = ready_s;
    }
    silent_at_s += kToken_s;
  }
  return stalls;
}

}  // namespace inferometer
