// The metrics of a trace of token times, by the definitions of the suite.
#ifndef INFEROMETER_HARNESS_WORKLOADS_TOKEN_TRACE_H_
#define INFEROMETER_HARNESS_WORKLOADS_TOKEN_TRACE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace inferometer {

// Fewer differences than this say nothing about their 99th percentile (itl_v1).
inline constexpr std::size_t kTailTokens = 1000;

// prefill_rate_v1: prompt tokens / (t of the last token's logits - t0), tok/s.
double PrefillRate(std::size_t prompt_tokens, double logits_s);

// decode_rate_v1: (n - 1) / (t_last - t_first), tok/s; times of n sampled tokens, s. Throws Error
// when there are fewer than two or when they do not rise.
double DecodeRate(std::span<const double> token_times_s);

// itl_v1: the n - 1 differences between consecutive times, s.
std::vector<double> InterTokenLatencies(std::span<const double> token_times_s);

// Quantile (type 7) of the differences; p above 0.95 is absent for traces of fewer than 1000
// tokens, as is every p when there are fewer than two.
std::optional<double> InterTokenLatency(std::span<const double> token_times_s, double p);

// How many times shorter `after_s` is than `before_s`. Throws Error unless both are positive.
double SpeedUp(double before_s, double after_s);

// SHA-256 of the ids as little-endian 32-bit integers.
std::string HashTokens(std::span<const std::int32_t> ids);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_WORKLOADS_TOKEN_TRACE_H_
