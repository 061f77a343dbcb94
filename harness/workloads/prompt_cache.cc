// Fills the KV cache with the prompt where it does not hold it yet.
#include "harness/workloads/prompt_cache.h"

#include <algorithm>

#include "harness/runner/session.h"

namespace inferometer {

void PromptCache::Fill(Session& session, std::span<const std::int32_t> prompt, std::int64_t depth) {
  const std::int64_t step = std::min(kFillTokens, session.limits().step_tokens);
  if (holds_.size() < static_cast<std::size_t>(depth)) {
    holds_.resize(static_cast<std::size_t>(depth), false);
  }
  for (std::int64_t begin = 0; begin < depth; begin += step) {
    const std::int64_t end = std::min(begin + step, depth);
    const auto from = holds_.begin() + begin, to = holds_.begin() + end;
    if (std::all_of(from, to, [](bool holds) { return holds; })) continue;
    session.Prefill(
        prompt.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)),
        static_cast<std::int32_t>(begin), kPromptSequence);
    std::fill(from, to, true);
  }
}

void PromptCache::Spoil(std::int64_t from, std::int64_t tokens) {
  const auto size = static_cast<std::int64_t>(holds_.size());
  for (std::int64_t at = from; at < std::min(from + tokens, size); ++at) {
    holds_[static_cast<std::size_t>(at)] = false;
  }
}

}  // namespace inferometer
