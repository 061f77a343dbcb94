// Rates and latencies from token times.
#include "harness/workloads/token_trace.h"

#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/base/sha256.h"
#include "harness/stats/quantile.h"

namespace inferometer {

double PrefillRate(std::size_t prompt_tokens, double logits_s) {
  if (!(logits_s > 0)) {
    throw Error(ExitCode::kRunFailed, "the prompt took no time at all: the clock is too coarse");
  }
  return static_cast<double>(prompt_tokens) / logits_s;
}

double DecodeRate(std::span<const double> token_times_s) {
  if (token_times_s.size() < 2) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("{} sampled tokens: a decode rate needs two", token_times_s.size()));
  }
  for (std::size_t i = 1; i < token_times_s.size(); ++i) {
    if (!(token_times_s[i] >= token_times_s[i - 1])) {
      throw Error(ExitCode::kRunFailed,
                  fmt::format("token {} came before the one ahead of it: the clock ran back", i));
    }
  }
  const double elapsed_s = token_times_s.back() - token_times_s.front();
  if (!(elapsed_s > 0)) {
    throw Error(ExitCode::kRunFailed, "decoding took no time at all: the clock is too coarse");
  }
  return static_cast<double>(token_times_s.size() - 1) / elapsed_s;
}

std::vector<double> InterTokenLatencies(std::span<const double> token_times_s) {
  std::vector<double> latencies;
  for (std::size_t i = 1; i < token_times_s.size(); ++i) {
    latencies.push_back(token_times_s[i] - token_times_s[i - 1]);
  }
  return latencies;
}

std::optional<double> InterTokenLatency(std::span<const double> token_times_s, double p) {
  if (token_times_s.size() < 2) return std::nullopt;
  if (p > 0.95 && token_times_s.size() < kTailTokens) return std::nullopt;
  return Quantile(InterTokenLatencies(token_times_s), p);
}

double SpeedUp(double before_s, double after_s) {
  if (!(before_s > 0) || !(after_s > 0)) {
    throw Error(ExitCode::kRunFailed,
                "a time to compare is not above zero: the clock is too coarse");
  }
  return before_s / after_s;
}

std::string HashTokens(std::span<const std::int32_t> ids) {
  std::string bytes;
  bytes.reserve(ids.size() * 4);
  for (const std::int32_t id : ids) {
    const auto bits = static_cast<std::uint32_t>(id);
    for (unsigned shift = 0; shift < 32; shift += 8) {
      bytes.push_back(static_cast<char>((bits >> shift) & 0xffu));
    }
  }
  return Sha256Hex(bytes);
}

}  // namespace inferometer
