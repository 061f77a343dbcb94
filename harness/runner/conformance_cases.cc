// The conformance cases: each op in each format on shapes that catch wrong tails, strides and
// masks.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "harness/runner/conformance_builder.h"

namespace inferometer {
namespace {

// Row widths that the format's blocks allow: single blocks, odd numbers of them, and tails.
std::span<const std::int64_t> WidthsOf(const Format& format) {
  static constexpr std::array<std::int64_t, 7> kFloat = {1, 7, 33, 64, 257, 576, 1030};
  static constexpr std::array<std::int64_t, 6> kBlocks32 = {32, 64, 96, 160, 288, 1056};
  static constexpr std::array<std::int64_t, 4> kBlocks256 = {256, 512, 768, 1280};
  if (format.block_weights == 1) return kFloat;
  if (format.block_weights == 32) return kBlocks32;
  return kBlocks256;
}

class Cases : public CaseBuilder {
 public:
  Cases() : CaseBuilder(1) {}

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
};

}  // namespace

std::vector<OpCase> ConformanceCases() {
  Cases all;
  all.Embeds();
  all.MatMuls();
  all.ExpertMatMuls();
  all.Norms();
  all.Ropes();
  all.Elementwise();
  all.Experts();
  std::vector<OpCase> cache = CacheCases();
  std::move(cache.begin(), cache.end(), std::back_inserter(all.cases));
  return std::move(all.cases);
}

}  // namespace inferometer
