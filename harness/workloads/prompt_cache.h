// Which positions of a session's KV cache hold the prompt, so that depth is filled only once.
#ifndef INFEROMETER_HARNESS_WORKLOADS_PROMPT_CACHE_H_
#define INFEROMETER_HARNESS_WORKLOADS_PROMPT_CACHE_H_

#include <cstdint>
#include <span>
#include <vector>

namespace inferometer {

class Session;

// The sequence whose cache is kept between repetitions, and everyone's scratch. The kept one comes
// first, so that its beginning is the beginning of the cache's bytes.
inline constexpr std::int32_t kPromptSequence = 0, kScratchSequence = 1;

// Tokens in one step of a fill: enough for a device to be quick, and few, since one spoiled
// position costs the whole step again.
inline constexpr std::int64_t kFillTokens = 64;

class PromptCache {
 public:
  // Makes positions 0 .. depth - 1 of kPromptSequence hold the prompt's first ids, by real prefill
  // of the steps that do not. Steps begin at multiples of their length, so a position is computed
  // in the same way whenever it is.
  void Fill(Session& session, std::span<const std::int32_t> prompt, std::int64_t depth);

  // Positions from `from` on will hold other tokens. Later ones stay right once these are filled
  // again, for they were computed from the prompt alone.
  void Spoil(std::int64_t from, std::int64_t tokens);

 private:
  std::vector<bool> holds_;  // by position
};

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_WORKLOADS_PROMPT_CACHE_H_
