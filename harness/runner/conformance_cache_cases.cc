// The conformance cases of the KV cache: appending to it and attention over it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "harness/runner/conformance_builder.h"

namespace inferometer {
namespace {

constexpr std::array<QuantId, 4> kCacheFormats = {QuantId::kF16, QuantId::kF32, QuantId::kBF16,
                                                  QuantId::kQ8_0};

class Cases : public CaseBuilder {
 public:
  Cases() : CaseBuilder(1 << 20) {}

  void Attentions() {
    constexpr std::array<std::int64_t, 7> kHeadDims = {16, 32, 64, 80, 96, 128, 256};
    for (const QuantId kv : kCacheFormats) {
      const bool usual = kv == QuantId::kF16 || kv == QuantId::kQ8_0;
      for (const std::int64_t head_dim : kHeadDims) {
        if (head_dim % FormatOf(kv).block_weights != 0) continue;
        // Wide heads in one grouping: drivers compile kernels for each, and these for longest.
        const auto next_heads = [this, head_dim] {
          const Heads any = Next(kHeads);
          return head_dim > 96 ? Heads{3, 1} : any;
        };
        for (const std::int32_t position : kPositions) {
          const Heads heads = next_heads();
          if (!usual && (position + head_dim) % 5 != 0) continue;
          OneAttention(kv, heads, head_dim, Tokens(1, position),
                       usual && position == (head_dim == 64 ? 65 : 17));
        }
        for (const std::int64_t count : kTokenCounts) {
          const Heads heads = next_heads();
          const std::int32_t position = Next(kPositions);
          if (count == 1 || (!usual && count % 2 == 0)) continue;
          OneAttention(kv, heads, head_dim, Tokens(count, position),
                       usual && count == 3 && head_dim <= 64);
        }
        // Two sequences at different depths in one step, the second first.
        std::vector<TokenAt> both = Tokens(3, Next(kPositions), 1);
        const std::vector<TokenAt> other = Tokens(2, Next(kPositions), 0);
        both.insert(both.end(), other.begin(), other.end());
        OneAttention(kv, next_heads(), head_dim, both, head_dim == 64);
      }
      if (!usual) continue;
      // Every number of query heads that kernels may take together, and one more.
      for (std::int64_t group = 1; group <= 9; ++group) {
        const std::int64_t head_dim = group % 2 == 0 ? 96 : 64;
        OneAttention(kv, {group * 2, 2}, head_dim, Tokens(1, 100), group == 8);
        OneAttention(kv, {group, 1}, head_dim, Tokens(3, 30), group == 5);
      }
      // So deep that devices split the context, for one token and for several.
      for (const std::int64_t count : {1, 4}) {
        OneAttention(kv, {3, 1}, 64, Tokens(count, 1000), false);
        OneAttention(kv, {8, 2}, 128, Tokens(count, 1022), false);
      }
      // Batches of sequences that are one token further each, at depths that have little in common.
      for (const std::size_t batch : {2, 3, 16}) {
        std::vector<TokenAt> tokens;
        for (std::size_t i = 0; i < batch; ++i) {
          const std::int32_t depth = i == 1 ? 700 : kPositions[(i * 4) % kPositions.size()];
          tokens.push_back({0, depth, static_cast<std::int32_t>(batch - 1 - i), true});
        }
        OneAttention(kv, {6, 2}, 64, tokens, batch == 3);
      }
    }
  }

  void KvAppends() {
    for (const QuantId kv : kCacheFormats) {
      for (const std::int64_t head_dim : {16, 64, 80, 128}) {
        if (head_dim % FormatOf(kv).block_weights != 0) continue;
        for (const std::int64_t count : {1, 3, 17}) {
          const std::int64_t kv_heads = Next(kHeads).kv;
          const std::int32_t position = Next(kPositions);
          std::vector<TokenAt> tokens = Tokens(count, position, 1);
          const std::vector<TokenAt> other = Tokens(2, 1, 0);
          tokens.insert(tokens.end(), other.begin(), other.end());
          Begin(fmt::format("kv_append {} {} heads of {}, {} tokens at {} and 2 at 1 of another",
                            FormatOf(kv).name, kv_heads, head_dim, count, position),
                CacheLimit(kv));
          case_.tokens = tokens;
          const TensorId k = Input(kv_heads * head_dim), v = Input(kv_heads * head_dim);
          const auto [k_cache, v_cache] = Caches(kv, head_dim, kv_heads, tokens);
          case_.results = {{k_cache}, {v_cache}};
          End(KvAppend{k, v, k_cache, v_cache, kv, kv_heads, head_dim},
              count == 3 && head_dim == 64);
        }
      }
    }
  }

 private:
  std::pair<TensorId, TensorId> Caches(QuantId format, std::int64_t head_dim, std::int64_t kv_heads,
                                       const std::vector<TokenAt>& tokens) {
    std::int64_t positions = 1, sequences = 2;
    for (const TokenAt& token : tokens) {
      positions = std::max<std::int64_t>(positions, token.position + 1);
      sequences = std::max<std::int64_t>(sequences, token.sequence + 1);
    }
    positions += static_cast<std::int64_t>(cases.size() % 3) * 5;  // room that must not be read
    const std::array<std::int64_t, 4> dims{head_dim, kv_heads, positions, sequences};
    const TensorId k = Add(TensorRole::kKeyCache, format, dims, Fill::kNormal, 1);
    const TensorId v = Add(TensorRole::kValueCache, format, dims, Fill::kNormal, 1);
    return {k, v};
  }

  void OneAttention(QuantId kv, Heads heads, std::int64_t head_dim,
                    const std::vector<TokenAt>& tokens, bool quick) {
    Begin(
        fmt::format("attention {} {} heads on {} of {}, {} tokens from {}{}", FormatOf(kv).name,
                    heads.query, heads.kv, head_dim, tokens.size(), tokens.front().position,
                    tokens.front().sequence != tokens.back().sequence ? ", several sequences" : ""),
        CacheLimit(kv));
    case_.tokens = tokens;
    const TensorId q = Input(heads.query * head_dim);
    const auto [k_cache, v_cache] = Caches(kv, head_dim, heads.kv, tokens);
    const TensorId out = Output(heads.query * head_dim);
    const float scale = 1 / std::sqrt(static_cast<float>(head_dim));
    End(Attention{q, k_cache, v_cache, out, kv, heads.query, heads.kv, head_dim, scale}, quick);
  }
};

}  // namespace

std::vector<OpCase> CacheCases() {
  Cases all;
  all.Attentions();
  all.KvAppends();
  return std::move(all.cases);
}

}  // namespace inferometer
