// Feeds each greedy choice back as the next token.
#include "harness/workloads/greedy.h"

#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/runner/session.h"

namespace inferometer {

void Generate(Session& session, const std::function<double()>& now, double t0_s, TokenAt token,
              std::size_t tokens, Generation& generation) {
  const std::size_t total = generation.ids.size() + tokens;
  generation.ids.reserve(total);
  generation.times_s.reserve(total);
  token.output = true;
  for (std::size_t i = 0; i < tokens; ++i) {
    session.Run({&token, 1});
    token.id = session.Greedy();
    generation.times_s.push_back(now() - t0_s);
    generation.ids.push_back(token.id);
    ++token.position;
  }
  if (generation.ids.size() != total || generation.times_s.size() != total) {
    throw Error(ExitCode::kRunFailed, fmt::format("{} tokens were generated instead of {}",
                                                  generation.ids.size(), total));
  }
}

Window DecodeWindow(const Generation& generation, double t0_s) {
  return {.begin_s = t0_s + generation.times_s.front(),
          .end_s = t0_s + generation.times_s.back(),
          .tokens = static_cast<std::int64_t>(generation.ids.size()) - 1};
}

}  // namespace inferometer
