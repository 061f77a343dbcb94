// Synthetic weights: seeded, quick, the same bytes everywhere, with calm activations and a greedy
// continuation that quantization noise cannot change.
//
// Scale. Every matrix has the same standard deviation sigma, and the gains of the norms carry what
// is left, so that a product of a normed activation with a matrix has variance 1. With the usual
// 1/sqrt(width) in the matrices instead, the binary16 scales of q6_k blocks would be subnormal,
// which some GPUs flush to zero. The residual stream starts at `residual`, chosen so that all
// branches together add at most about its own power again.
//
// Greedy choice. The residual after the last layer is still mostly the embedding of the last token
// v, so the head is planted: one row equals that embedding, and its logit is about
// sqrt(width / 2) or more, while unrelated rows score 0 with standard deviation 1.
// - Untied head: row pi(v) holds the numbers of the embedding of v, with pi(v) = v + step mod vocab
//   and `step` coprime to vocab, so greedy decoding visits all tokens.
// - Tied head: output_norm is negative in every second unit of the width, and the embedding of
//   2m + 1 is that of 2m negated there. So after 2m comes 2m + 1, and the other way round. (The
//   last token of an odd vocabulary has no partner, and no definite successor.)
//
// Experts. A close race between two experts would be decided by rounding. So the second unit of
// each embedding is one of a few patterns, one for each group of experts_used experts, and the
// router recognises the pattern by a wide margin. Which group a pattern means turns from layer to
// layer.
#include "models/synth.h"

#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <tuple>
#include <utility>

#include "harness/base/error.h"
#include "harness/base/random.h"
#include "models/quant/mixture.h"
#include "models/synth_pool.h"

namespace inferometer {
namespace {

// Of every matrix: the smallest multiple of 1/16 with which each of 2048 q6_k blocks keeps its
// binary16 scale, about sigma / 2000, above the smallest normal number 6.1e-5 (tested).
constexpr float kSigma = 0.1875f;

// Norm gains vary by this much around their value; biases have this standard deviation.
constexpr float kVariation = 0.05f, kBias = 0.1f;

// Logits of the router: of the experts that the pattern means, and the spread among all experts.
constexpr float kRouted = 6, kRouterSpread = 0.25f;

class Synthesizer {
 public:
  Synthesizer(const ModelShape& shape, std::vector<TensorDesc> tensors, std::uint64_t seed,
              int threads)
      : shape_(shape), tensors_(std::move(tensors)), seed_(Mix64(seed)), threads_(threads) {
    // Few distinct rows suffice for the small shapes of tests, and are encoded sooner.
    entries_ = shape.width <= 512 ? 512 : 2048;
    table_unit_ = UnitOf(shape.width);
    table_units_ = shape.width / table_unit_;
    const float width = static_cast<float>(shape.width);
    gain_ = 1 / (kSigma * std::sqrt(width));
    // Power of one branch's output: sigma² · in_width · power of its input, which is at most 1 for
    // a mean of values, and 0.36 for silu(g) · u of normal g and u. Half of the power of the
    // residual goes to each kind of branch at most.
    const float mixed = static_cast<float>(shape.heads * shape.head_dim);
    const float gated = 0.36f * static_cast<float>(shape.feed_forward);
    residual_ = kSigma * std::sqrt(2 * static_cast<float>(shape.layers) * std::max(mixed, gated));
    if (shape.experts > 0 && table_unit_ > 1 && table_units_ > 1) {
      groups_ = std::min(shape.experts / shape.experts_used, entries_ / 2);
    }
    step_ = std::max<std::int64_t>(1, shape.vocab * 618 / 1000);
    while (std::gcd(step_, shape.vocab) != 1) ++step_;
  }

  std::span<const std::byte> Load(std::size_t index) {
    const TensorDesc& desc = tensors_.at(index);
    const std::size_t size = ByteSize(desc);
    if (size > capacity_) {
      buffer_.reset();
      buffer_ = std::make_unique_for_overwrite<std::byte[]>(size);
      capacity_ = size;
    }
    Fill(desc, Mix64(seed_ ^ Mix64(index + 1)), buffer_.get(), size);
    return {buffer_.get(), size};
  }

 private:
  enum class Kind : std::uint8_t { kMatrix, kTable, kHead };

  // Table and head share their numbers; matrices have their own, or rows that happen to hold the
  // same entry as the embedding would stand out.
  std::uint64_t NumbersOf(Kind kind) const {
    return seed_ ^ (kind == Kind::kMatrix ? 0x6d61747269780000u : 0x7461626c65000000u);
  }

  const Pool& PoolFor(Kind kind, QuantId format, std::int64_t unit) {
    const auto key = std::make_tuple(kind, format, unit);
    const auto found = pools_.find(key);
    if (found != pools_.end()) return found->second;
    const float sigma = kind == Kind::kTable ? residual_ : kSigma;
    return pools_.try_emplace(key, format, unit, entries_, sigma, NumbersOf(kind), threads_)
        .first->second;
  }

  void Fill(const TensorDesc& desc, std::uint64_t seed, std::byte* out, std::size_t size) {
    const int threads =
        size < (1u << 20) ? 1 : threads_;  // a thread costs more than a small tensor
    if (desc.role == TensorRole::kVector) {
      FillVector(desc, seed, out);
    } else if (desc.name == "token_embd.weight") {
      FillTable(PoolFor(Kind::kTable, desc.format, table_unit_), 0, out, threads);
    } else if (desc.name == "output.weight") {
      FillTable(PoolFor(Kind::kHead, desc.format, table_unit_), step_, out, threads);
    } else if (desc.name.ends_with("ffn_gate_inp.weight")) {
      FillRouter(desc, seed, out);
    } else {
      const Pool& pool = PoolFor(Kind::kMatrix, desc.format, UnitOf(desc.dims[0]));
      const auto mask = static_cast<std::uint64_t>(entries_ - 1);
      const auto units = static_cast<std::int64_t>(size / pool.entry_bytes());
      InParts(units, threads, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
          const auto entry = Mix64(seed + static_cast<std::uint64_t>(i)) & mask;
          pool.Copy(static_cast<std::int64_t>(entry),
                    out + static_cast<std::size_t>(i) * pool.entry_bytes());
        }
      });
    }
  }

  // Row r holds the numbers of token r - shift (mod vocab).
  void FillTable(const Pool& pool, std::int64_t shift, std::byte* out, int threads) const {
    InParts(shape_.vocab, threads, [&](std::int64_t begin, std::int64_t end) {
      std::byte* to = out + static_cast<std::size_t>(begin * table_units_) * pool.entry_bytes();
      for (std::int64_t row = begin; row < end; ++row) {
        const std::int64_t token = (row + shape_.vocab - shift) % shape_.vocab;
        for (std::int64_t j = 0; j < table_units_; ++j, to += pool.entry_bytes()) {
          pool.Copy(TableEntry(token, j), to);
        }
      }
    });
  }

  static bool Negated(std::int64_t unit_of_row) { return unit_of_row % 2 == 0; }

  // The pool entry of unit j of a token's row. Tokens 2m and 2m + 1 differ in sign alone. The first
  // unit tells small vocabularies apart even where the others coincide.
  std::int64_t TableEntry(std::int64_t token, std::int64_t j) const {
    const std::int64_t pair = token / 2, pairs = entries_ / 2;
    std::int64_t chosen;
    if (j == 0) {
      chosen = pair % pairs;
    } else if (j == 1 && groups_ > 0) {
      chosen = pair % groups_;
    } else {
      const auto place = static_cast<std::uint64_t>(pair * table_units_ + j);
      chosen = static_cast<std::int64_t>(Mix64(NumbersOf(Kind::kTable) + place) &
                                         static_cast<std::uint64_t>(pairs - 1));
    }
    return 2 * chosen + (token % 2 != 0 && Negated(j) ? 1 : 0);
  }

  void FillVector(const TensorDesc& desc, std::uint64_t seed, std::byte* out) const {
    std::vector<float> values(static_cast<std::size_t>(desc.dims[0]));
    if (desc.name == "rope_freqs.weight") {
      values = RopeDivisors(shape_);
    } else if (desc.name.ends_with(".bias")) {
      Random random(seed);
      for (float& value : values) value = kBias * random.Normal();
    } else {
      const bool tied_head = shape_.tied_head && desc.name == "output_norm.weight";
      const bool per_head =
          desc.name.ends_with("_q_norm.weight") || desc.name.ends_with("_k_norm.weight");
      float gain = per_head ? 1 : gain_;
      if (tied_head) gain *= kSigma / residual_;
      Random random(seed);
      for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = gain * (1 + kVariation * random.Uniform());
        if (tied_head && Negated(static_cast<std::int64_t>(i) / table_unit_)) {
          values[i] = -values[i];
        }
      }
    }
    std::memcpy(out, values.data(), values.size() * sizeof(float));
  }

  // Small random scores for all experts; those of the group that a pattern means get the pattern
  // itself on top.
  void FillRouter(const TensorDesc& desc, std::uint64_t seed, std::byte* out) const {
    std::int64_t layer = 0;
    for (std::size_t i = 4; i < desc.name.size() && desc.name[i] != '.'; ++i) {
      layer = layer * 10 + (desc.name[i] - '0');
    }
    Random random(seed);
    std::vector<float> row(static_cast<std::size_t>(shape_.width));
    std::vector<float> pattern(static_cast<std::size_t>(table_unit_));
    for (std::int64_t expert = 0; expert < shape_.experts; ++expert) {
      for (float& value : row) value = kRouterSpread * kSigma * random.Normal();
      const std::int64_t group = expert / shape_.experts_used;
      if (group < groups_) {
        // The pattern meets itself with power `unit`, times gain, less what the branches added.
        const float strength = kRouted * 1.2f / (static_cast<float>(table_unit_) * gain_);
        PoolNumbers(NumbersOf(Kind::kTable), 2 * ((group + layer) % groups_), strength, pattern);
        for (std::size_t i = 0; i < pattern.size(); ++i) row[pattern.size() + i] += pattern[i];
      }
      const std::size_t bytes = row.size() * sizeof(float);
      std::memcpy(out + static_cast<std::size_t>(expert) * bytes, row.data(), bytes);
    }
  }

  const ModelShape shape_;
  const std::vector<TensorDesc> tensors_;
  const std::uint64_t seed_;
  const int threads_;
  std::int64_t entries_ = 0;      // of every pool, a power of two
  std::int64_t table_unit_ = 0;   // weights per unit of a row of the table
  std::int64_t table_units_ = 0;  // units per row
  std::int64_t groups_ = 0;       // of experts that are used together; 0: the router is random
  std::int64_t step_ = 0;
  float gain_ = 0, residual_ = 0;
  std::map<std::tuple<Kind, QuantId, std::int64_t>, Pool> pools_;
  std::unique_ptr<std::byte[]> buffer_;
  std::size_t capacity_ = 0;
};

}  // namespace

Model SynthesizeModel(const ModelShape& shape, std::string_view quant, std::uint64_t seed,
                      int threads) {
  Model model;
  model.name = shape.name;
  model.quant = quant;
  model.shape = shape;
  model.tensors = ModelTensors(shape, quant);
  for (const TensorDesc& desc : model.tensors) model.bytes += ByteSize(desc);
  auto synthesizer = std::make_shared<Synthesizer>(shape, model.tensors, seed, threads);
  model.load = [synthesizer](std::size_t i) { return synthesizer->Load(i); };
  return model;
}

Model SynthesizeModel(const ModelShape& shape, std::string_view quant, std::uint64_t seed) {
  return SynthesizeModel(shape, quant, seed,
                         static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
}

}  // namespace inferometer
