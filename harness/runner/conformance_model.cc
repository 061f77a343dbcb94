// Whole models: a device's logits and greedy choices against the reference's.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"
#include "harness/base/nmse.h"
#include "harness/runner/conformance.h"

namespace inferometer {
namespace {

// Lengths of the uneven chunks, in turn: below, at and above what kernels commonly take at once.
constexpr std::int64_t kChunks[] = {1, 7, 2, 16, 5, 33};

// A near tie: the reference's gap between its choice and the device's, in root mean square errors
// of the device's logits. The difference of two errors exceeds this about once in 300 times.
constexpr double kTieSigmas = 3 * 1.4142135623730951;

std::span<const float> RowOf(std::span<const float> rows, std::size_t row, std::size_t width) {
  return rows.subspan(row * width, width);
}

std::int32_t LargestOf(std::span<const float> logits) {
  return static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

double RmsError(std::span<const float> want, std::span<const float> got) {
  double sum = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    const double difference = static_cast<double>(got[i]) - want[i];
    sum += difference * difference;
  }
  return std::sqrt(sum / static_cast<double>(want.size()));
}

// The logits after `prompt`, evaluated chunk by chunk.
std::vector<float> InChunks(Session& session, std::span<const std::int32_t> prompt,
                            std::int32_t sequence) {
  std::size_t at = 0;
  for (std::size_t i = 0; at < prompt.size(); ++i) {
    const auto chunk = static_cast<std::size_t>(kChunks[i % std::size(kChunks)]);
    const std::size_t count = std::min(chunk, prompt.size() - at);
    session.Prefill(prompt.subspan(at, count), static_cast<std::int32_t>(at), sequence);
    at += count;
  }
  return session.Logits();
}

}  // namespace

double LogitLimit(const Model& model, QuantId kv_format) {
  double limit = FormatOf(kv_format).model_nmse;
  for (const TensorDesc& desc : model.tensors) {
    if (desc.role != TensorRole::kVector) {
      limit = std::max(limit, FormatOf(desc.format).model_nmse);
    }
  }
  return limit;
}

const std::vector<float>& ModelOracle::Logits(std::span<const std::int32_t> ids,
                                              std::int64_t outputs, QuantId kv_format) {
  const Key key{{ids.begin(), ids.end()}, outputs, kv_format};
  if (const auto known = known_.find(key); known != known_.end()) return known->second;
  const auto count = static_cast<std::int64_t>(ids.size());
  std::vector<TokenAt> tokens;
  for (std::int64_t i = 0; i < count; ++i) {
    tokens.push_back(
        {ids[static_cast<std::size_t>(i)], static_cast<std::int32_t>(i), 0, i >= count - outputs});
  }
  const std::unique_ptr<Device> reference = OpenReference();
  Session session(*reference, model_, {count, count, outputs, 1, kv_format});
  session.Run(tokens);
  std::vector<float> logits(static_cast<std::size_t>(model_.shape.vocab * outputs));
  reference->Read(session.Bound(session.plan().logits), std::as_writable_bytes(std::span(logits)));
  return known_.emplace(key, std::move(logits)).first->second;
}

ModelResult VerifySession(Session& session, ModelOracle& oracle,
                          std::span<const std::int32_t> prompt, int greedy_total) {
  const PlanLimits& limits = session.limits();
  const auto needed = static_cast<std::int64_t>(prompt.size()) + greedy_total;
  if (prompt.empty() || greedy_total < 1 || needed > limits.positions) {
    throw Error(ExitCode::kUsage,
                fmt::format("conformance needs a prompt, a greedy token and {} positions; the "
                            "session has {}",
                            needed, limits.positions));
  }
  const std::vector<float> chunked = InChunks(session, prompt, limits.sequences > 1 ? 1 : 0);

  // The continuation, and the logits that each of its tokens was chosen from.
  ModelResult result;
  std::vector<float> got;
  std::vector<std::int32_t> ids(prompt.begin(), prompt.end());
  session.Prefill(prompt, 0);
  int own_argmax = 0;
  for (int i = 0; i < greedy_total; ++i) {
    const std::vector<float> logits = session.Logits();
    const std::int32_t token = session.Greedy();
    own_argmax += token == LargestOf(logits) ? 1 : 0;
    got.insert(got.end(), logits.begin(), logits.end());
    result.greedy.push_back(token);
    if (i + 1 == greedy_total) break;
    if (token < 0 || token >= oracle.model().shape.vocab) break;  // reported below
    const TokenAt next{token, static_cast<std::int32_t>(ids.size()), 0, true};
    ids.push_back(token);
    session.Run(std::span(&next, 1));
  }

  Conformance& c = result.conformance;
  c.greedy_total = greedy_total;
  c.limit = LogitLimit(oracle.model(), limits.kv_format);
  const auto rows = result.greedy.size();
  const auto vocab = static_cast<std::size_t>(oracle.model().shape.vocab);
  const std::vector<float>& want =
      oracle.Logits(ids, static_cast<std::int64_t>(rows), limits.kv_format);
  const double whole = Nmse(want, got);
  const double in_chunks = Nmse(RowOf(want, 0, vocab), chunked);
  c.nmse = std::max(whole, in_chunks);

  int mismatches = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::span<const float> reference = RowOf(want, i, vocab);
    const std::int32_t best = LargestOf(reference), chosen = result.greedy[i];
    if (chosen == best) {
      ++c.greedy_match;
      continue;
    }
    const bool known = chosen >= 0 && chosen < oracle.model().shape.vocab;
    const double gap = known ? reference[static_cast<std::size_t>(best)] -
                                   reference[static_cast<std::size_t>(chosen)]
                             : 0;
    if (known && gap <= kTieSigmas * RmsError(reference, RowOf(got, i, vocab))) {
      ++result.near_ties;
    } else {
      ++mismatches;
    }
  }

  if (!(whole <= c.limit)) {
    result.why_failed = fmt::format("logits differ from the reference by NMSE {:.2g}, limit {:.2g}",
                                    whole, c.limit);
  } else if (!(in_chunks <= c.limit)) {
    result.why_failed = fmt::format(
        "a prompt in uneven chunks gives logits that differ from the reference by NMSE {:.2g}, "
        "limit {:.2g}",
        in_chunks, c.limit);
  } else if (own_argmax < static_cast<int>(rows) || rows < static_cast<std::size_t>(greedy_total)) {
    result.why_failed = "the greedy token is not the largest of the device's own logits";
  } else if (mismatches > 0) {
    result.why_failed = fmt::format(
        "{} of {} greedy tokens differ from the reference by more than the noise of the logits",
        mismatches, greedy_total);
  }
  c.pass = result.why_failed.empty();
  return result;
}

ModelResult VerifyModel(Device& device, ModelOracle& oracle, std::span<const std::int32_t> prompt,
                        int greedy_total, QuantId kv_format) {
  const auto tokens = static_cast<std::int64_t>(prompt.size());
  Session session(device, oracle.model(),
                  {tokens + greedy_total, std::max<std::int64_t>(tokens, 1), 1, 2, kv_format});
  return VerifySession(session, oracle, prompt, greedy_total);
}

}  // namespace inferometer
