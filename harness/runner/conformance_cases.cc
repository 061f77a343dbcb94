// The conformance cases: each op in each format on shapes that catch wrong tails, strides and
// masks.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "harness/runner/conformance.h"
#include "harness/runner/conformance_limits.h"

namespace inferometer {
namespace {

constexpr std::array<std::int64_t, 7> kTokenCounts = {1, 2, 3, 5, 8, 17, 64};
constexpr std::array<std::int32_t, 9> kPositions = {0, 1, 15, 16, 17, 63, 64, 65, 300};
constexpr std::array<QuantId, 4> kCacheFormats = {QuantId::kF16, QuantId::kF32, QuantId::kBF16,
                                                  QuantId::kQ8_0};

struct Heads {
  std::int64_t query, kv;
};
constexpr std::array<Heads, 4> kHeads = {{{1, 1}, {3, 1}, {9, 3}, {3, 3}}};

// Row widths that the format's blocks allow: single blocks, odd numbers of them, and tails.
std::span<const std::int64_t> WidthsOf(const Format& format) {
  static constexpr std::array<std::int64_t, 7> kFloat = {1, 7, 33, 64, 257, 576, 1030};
  static constexpr std::array<std::int64_t, 6> kBlocks32 = {32, 64, 96, 160, 288, 1056};
  static constexpr std::array<std::int64_t, 4> kBlocks256 = {256, 512, 768, 1280};
  if (format.block_weights == 1) return kFloat;
  if (format.block_weights == 32) return kBlocks32;
  return kBlocks256;
}

// `count` tokens of one sequence.
std::vector<TokenAt> Tokens(std::int64_t count, std::int32_t position, std::int32_t sequence = 0) {
  std::vector<TokenAt> tokens;
  for (std::int32_t i = 0; i < count; ++i) {
    tokens.push_back({i % 3, position + i, sequence, i % 2 == 1 || i + 1 == count});
  }
  return tokens;
}

class Cases {
 public:
  std::vector<OpCase> cases;

  void Embeds() {
    for (const Format& format : Formats()) {
      for (const std::int64_t width : WidthsOf(format)) {
        const std::int64_t count = Next(kTokenCounts);
        Begin(fmt::format("embed {} width {}, {} tokens", format.name, width, count), kDecoded);
        case_.tokens = Tokens(count, 0);
        const TensorId table = Weight(TensorRole::kTable, format.id, {width, 3, 1, 1});
        const TensorId out = Output(width);
        End(Embed{table, out, format.id, width, 3}, width < 300 && count < 10);
      }
    }
  }

  void MatMuls() {
    constexpr std::array<std::int64_t, 5> kOut = {1, 3, 8, 17, 131};
    for (const Format& format : Formats()) {
      const std::span<const std::int64_t> widths = WidthsOf(format);
      for (std::size_t o = 0; o < kOut.size(); ++o) {
        for (std::size_t t = 0; t < kTokenCounts.size(); ++t) {
          const std::int64_t in = widths[(o * 3 + t) % widths.size()];
          OneMatMul(format, in, kOut[o], kTokenCounts[t], (o + t) % 3 == 0, (o + 2 * t) % 4 == 1,
                    (o + t) % 5 == 2 ? Rows::kOutputs : Rows::kTokens,
                    (o + 2 * t + static_cast<std::size_t>(format.id)) % 9 == 0);
        }
      }
      // Rows as long as those of real models, on enough rows for several threads.
      OneMatMul(format, 2048, 72, 1, false, false, Rows::kTokens, false);
      OneMatMul(format, 2048, 72, 33, true, false, Rows::kTokens, false);
    }
  }

  void ExpertMatMuls() {
    struct Experts {
      std::int64_t experts, used, tokens, out_width;
    };
    constexpr std::array<Experts, 6> kExperts = {
        {{2, 1, 1, 3}, {4, 2, 1, 17}, {8, 3, 2, 8}, {4, 4, 5, 1}, {8, 2, 17, 9}, {5, 2, 64, 32}}};
    for (const Format& format : Formats()) {
      for (std::size_t i = 0; i < kExperts.size(); ++i) {
        const Experts e = kExperts[i];
        const std::int64_t in = WidthsOf(format)[i % WidthsOf(format).size()];
        const bool shared = i % 2 == 1;
        Begin(
            fmt::format("expert_matmul {} {} to {}, {} of {} experts, {} tokens{}", format.name, in,
                        e.out_width, e.used, e.experts, e.tokens, shared ? ", shared input" : ""),
            MatMulLimit(format, e.used * e.out_width * e.tokens));
        case_.tokens = Tokens(e.tokens, 0);
        case_.power = static_cast<double>(in);
        const TensorId x = Input(shared ? in : e.used * in);
        const TensorId weight =
            Weight(TensorRole::kMatrix, format.id, {in, e.out_width, e.experts, 1});
        const TensorId ids = Input(e.used, Rows::kTokens, TensorRole::kIndex, Fill::kExpertIds,
                                   static_cast<float>(e.experts));
        const TensorId out = Output(e.used * e.out_width);
        End(ExpertMatMul{x, weight, ids, out, format.id, in, e.out_width, e.experts, e.used,
                         shared},
            i == 1 || (i == 2 && format.block_weights < 256));
      }
    }
  }

  void Attentions() {
    constexpr std::array<std::int64_t, 7> kHeadDims = {16, 32, 64, 80, 96, 128, 256};
    for (const QuantId kv : kCacheFormats) {
      const bool usual = kv == QuantId::kF16;
      for (const std::int64_t head_dim : kHeadDims) {
        if (head_dim % FormatOf(kv).block_weights != 0) continue;
        for (const std::int32_t position : kPositions) {
          const Heads heads = Next(kHeads);
          if (!usual && (position + head_dim) % 5 != 0) continue;
          OneAttention(kv, heads, head_dim, Tokens(1, position),
                       usual && position == (head_dim == 64 ? 65 : 17));
        }
        for (const std::int64_t count : kTokenCounts) {
          const Heads heads = Next(kHeads);
          const std::int32_t position = Next(kPositions);
          if (count == 1 || (!usual && count % 2 == 0)) continue;
          OneAttention(kv, heads, head_dim, Tokens(count, position),
                       usual && count == 3 && head_dim <= 64);
        }
        // Two sequences at different depths in one step, the second first.
        std::vector<TokenAt> both = Tokens(3, Next(kPositions), 1);
        const std::vector<TokenAt> other = Tokens(2, Next(kPositions), 0);
        both.insert(both.end(), other.begin(), other.end());
        OneAttention(kv, Next(kHeads), head_dim, both, head_dim == 64);
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

  void Norms() {
    for (const std::int64_t width : {1, 7, 16, 32, 33, 64, 128, 257, 576, 2048}) {
      for (const std::int64_t groups : {1, 3, 9}) {
        const bool in_place = (width + groups) % 2 == 0;
        const Rows rows = groups == 1 && width % 2 == 0 ? Rows::kOutputs : Rows::kTokens;
        const std::int64_t count = width * groups > 4000 ? 3 : Next(kTokenCounts);
        Begin(fmt::format("rms_norm {} groups of {}, {} tokens{}{}", groups, width, count,
                          in_place ? ", in place" : "",
                          rows == Rows::kOutputs ? ", outputs only" : ""),
              kFp32);
        case_.tokens = Tokens(count, 0);
        const TensorId in = Input(width * groups, rows);
        const TensorId weight = Weight(TensorRole::kVector, QuantId::kF32, {width, 1, 1, 1});
        const TensorId out = in_place ? in : Output(width * groups, rows);
        if (in_place) case_.results = {{in, rows}};
        End(RmsNorm{in, weight, out, width, groups, 1e-5f, rows}, width >= 32 && width <= 64);
      }
    }
  }

  void Ropes() {
    for (const RopeStyle style : {RopeStyle::kInterleaved, RopeStyle::kHalves}) {
      for (const std::int64_t head_dim : {2, 16, 32, 64, 80, 96, 128, 256}) {
        for (const std::int32_t position : {0, 1, 17, 300, 8191}) {
          const std::int64_t rotated =
              position % 3 == 1 ? std::max<std::int64_t>(head_dim / 2, 2) : head_dim;
          const std::int64_t heads = Next(kHeads).query, count = Next(kTokenCounts);
          Begin(fmt::format("rope {} {} heads of {}, {} rotated, {} tokens at {}",
                            style == RopeStyle::kHalves ? "halves" : "interleaved", heads, head_dim,
                            rotated, count, position),
                kTrigonometric);
          case_.tokens = Tokens(count, position);
          const TensorId io = Input(heads * head_dim);
          // Random frequencies of up to one radian per position, as in real models.
          const TensorId frequencies =
              Weight(TensorRole::kVector, QuantId::kF32, {rotated / 2, 1, 1, 1}, 1.0f / 3);
          case_.results = {{io}};
          End(Rope{io, frequencies, heads, head_dim, rotated, style},
              head_dim == 64 && position < 20);
        }
      }
    }
  }

  void Elementwise() {
    for (const std::int64_t width : {1, 7, 32, 33, 257, 1536}) {
      for (const std::int64_t groups : {1, 2}) {
        const std::int64_t count = Next(kTokenCounts);
        Begin(fmt::format("gated_mul {} groups of {}, {} tokens", groups, width, count), kFp32);
        case_.tokens = Tokens(count, 0);
        const TensorId gate =
            Input(width * groups, Rows::kTokens, TensorRole::kActivation, Fill::kNormal, 4);
        const TensorId up = Input(width * groups);
        const TensorId out = groups == 1 ? gate : Output(width * groups);
        if (groups == 1) case_.results = {{gate}};
        End(GatedMul{gate, up, out, width, groups}, width < 100);
      }
      const std::int64_t count = Next(kTokenCounts);
      Begin(fmt::format("select_outputs {} values, {} tokens", width, count), kExact);
      case_.tokens = Tokens(count, 0);
      const TensorId in = Input(width);
      const TensorId out = Output(width, Rows::kOutputs);
      End(SelectOutputs{in, out, width}, width < 100);
    }
    for (const std::int64_t width : {1, 2, 31, 257, 4099}) {
      for (const Fill fill : {Fill::kNormal, Fill::kSteps, Fill::kZero}) {
        const std::int64_t count = Next(kTokenCounts);
        Begin(fmt::format("argmax of {}{}, {} tokens", width,
                          fill == Fill::kNormal ? "" : " with ties", count),
              kExact);
        case_.tokens = Tokens(count, 0);
        const TensorId in = Input(width, Rows::kOutputs, TensorRole::kActivation, fill);
        const TensorId out = Output(1, Rows::kOutputs, TensorRole::kIndex);
        End(ArgMax{in, out, width}, width < 300);
      }
    }
  }

  void Experts() {
    struct Router {
      std::int64_t experts, used;
    };
    for (const Router r : {Router{1, 1}, {4, 2}, {5, 3}, {8, 8}, {60, 4}, {128, 8}}) {
      for (const Fill fill : {Fill::kNormal, Fill::kSteps}) {
        const std::int64_t count = Next(kTokenCounts);
        Begin(fmt::format("top_experts {} of {}{}, {} tokens", r.used, r.experts,
                          fill == Fill::kSteps ? " with ties" : "", count),
              kFp32);
        case_.tokens = Tokens(count, 0);
        const TensorId scores = Input(r.experts, Rows::kTokens, TensorRole::kActivation, fill);
        const TensorId ids = Output(r.used, Rows::kTokens, TensorRole::kIndex);
        const TensorId weights = Output(r.used);
        End(TopExperts{scores, ids, weights, r.experts, r.used}, true);
      }
      const std::int64_t width = r.experts * 8 + r.used, count = Next(kTokenCounts);
      Begin(fmt::format("expert_sum {} rows of {}, {} tokens", r.used, width, count), kFp32);
      case_.tokens = Tokens(count, 0);
      const TensorId in = Input(r.used * width), weights = Input(r.used), out = Input(width);
      case_.results = {{out}};
      End(ExpertSum{in, weights, out, width, r.used}, r.experts < 10);
    }
  }

 private:
  // Values of a table in turn, so that parameters mix without a full product of them.
  template <typename T, std::size_t N>
  T Next(const std::array<T, N>& table) {
    return table[turn_++ % N];
  }

  void Begin(std::string name, double limit) {
    case_ = {};
    case_.name = std::move(name);
    case_.limit = limit;
    case_.seed = cases.size() + 1;
  }

  void End(Op op, bool quick) {
    case_.op = op;
    case_.quick = quick;
    cases.push_back(std::move(case_));
  }

  TensorId Add(TensorRole role, QuantId format, std::array<std::int64_t, 4> dims, Fill fill,
               float scale) {
    const std::string name = fmt::format("operand {}", case_.tensors.size());
    case_.tensors.push_back({{name, role, format, dims}, fill, scale});
    return static_cast<TensorId>(case_.tensors.size() - 1);
  }

  TensorId Weight(TensorRole role, QuantId format, std::array<std::int64_t, 4> dims,
                  float scale = 1) {
    return Add(role, format, dims, Fill::kNormal, scale);
  }

  // Activations have room for more rows than the step uses, in every other case.
  TensorId Input(std::int64_t width, [[maybe_unused]] Rows rows = Rows::kTokens,
                 TensorRole role = TensorRole::kActivation, Fill fill = Fill::kNormal,
                 float scale = 1) {
    const std::int64_t room = std::ssize(case_.tokens) + (cases.size() % 2 == 0 ? 0 : 3);
    return Add(role, QuantId::kF32, {width, room, 1, 1}, fill, scale);
  }

  TensorId Output(std::int64_t width, Rows rows = Rows::kTokens,
                  TensorRole role = TensorRole::kActivation) {
    const TensorId id = Input(width, rows, role, Fill::kZero);
    case_.results.push_back({id, rows});
    return id;
  }

  std::pair<TensorId, TensorId> Caches(QuantId format, std::int64_t head_dim, std::int64_t kv_heads,
                                       const std::vector<TokenAt>& tokens) {
    std::int64_t positions = 1;
    for (const TokenAt& token : tokens) {
      positions = std::max<std::int64_t>(positions, token.position + 1);
    }
    positions += static_cast<std::int64_t>(cases.size() % 3) * 5;  // room that must not be read
    const std::array<std::int64_t, 4> dims{head_dim, kv_heads, positions, 2};
    const TensorId k = Add(TensorRole::kKeyCache, format, dims, Fill::kNormal, 1);
    const TensorId v = Add(TensorRole::kValueCache, format, dims, Fill::kNormal, 1);
    return {k, v};
  }

  void OneMatMul(const Format& format, std::int64_t in, std::int64_t out, std::int64_t count,
                 bool accumulate, bool bias, Rows rows, bool quick) {
    Begin(fmt::format("matmul {} {} to {}, {} tokens{}{}{}", format.name, in, out, count,
                      accumulate ? ", accumulate" : "", bias ? ", bias" : "",
                      rows == Rows::kOutputs ? ", outputs only" : ""),
          MatMulLimit(format, out * count / (rows == Rows::kOutputs ? 2 : 1) + 1));
    case_.tokens = Tokens(count, 0);
    case_.power = static_cast<double>(in);
    MatMul op{.format = format.id,
              .in_width = in,
              .out_width = out,
              .accumulate = accumulate,
              .rows = rows};
    op.in = Input(in, rows);
    op.weight = Weight(TensorRole::kMatrix, format.id, {in, out, 1, 1});
    if (bias) op.bias = Weight(TensorRole::kVector, QuantId::kF32, {out, 1, 1, 1});
    op.out = Input(out, rows);  // what an accumulating matmul adds to, and others overwrite
    case_.results = {{op.out, rows}};
    End(op, quick);
  }

  void OneAttention(QuantId kv, Heads heads, std::int64_t head_dim,
                    const std::vector<TokenAt>& tokens, bool quick) {
    Begin(fmt::format("attention {} {} heads on {} of {}, {} tokens from {}{}", FormatOf(kv).name,
                      heads.query, heads.kv, head_dim, tokens.size(), tokens.front().position,
                      tokens.front().sequence != tokens.back().sequence ? ", two sequences" : ""),
          CacheLimit(kv));
    case_.tokens = tokens;
    const TensorId q = Input(heads.query * head_dim);
    const auto [k_cache, v_cache] = Caches(kv, head_dim, heads.kv, tokens);
    const TensorId out = Output(heads.query * head_dim);
    const float scale = 1 / std::sqrt(static_cast<float>(head_dim));
    End(Attention{q, k_cache, v_cache, out, kv, heads.query, heads.kv, head_dim, scale}, quick);
  }

  OpCase case_;
  std::size_t turn_ = 0;
};

}  // namespace

std::vector<OpCase> ConformanceCases() {
  Cases all;
  all.Embeds();
  all.MatMuls();
  all.ExpertMatMuls();
  all.Attentions();
  all.KvAppends();
  all.Norms();
  all.Ropes();
  all.Elementwise();
  all.Experts();
  return std::move(all.cases);
}

}  // namespace inferometer
