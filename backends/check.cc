// Whether ops and steps fit the tensors they name.
#include "backends/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <set>
#include <string_view>

#include "harness/base/error.h"

namespace inferometer {
namespace {

// Each width of an op may be as large as this, so that products of a few of them with a number of
// rows stay far below 2^63.
constexpr std::int64_t kMostWidth = std::int64_t{1} << 31;

class Checker {
 public:
  using DescOf = std::function<const TensorDesc&(TensorId)>;

  Checker(std::string_view op, const DescOf& desc_of, StepLimits& limits)
      : op_(op), desc_of_(desc_of), limits_(limits) {}

  void operator()(const Embed& o) {
    Sizes({o.width, o.vocab});
    Weight("table", o.table, o.format, {o.width, o.vocab, 1, 1});
    Activation("out", o.out, o.width, Rows::kTokens);
    limits_.vocab = std::min(limits_.vocab, o.vocab);
  }
  void operator()(const RmsNorm& o) {
    Sizes({o.width, o.groups});
    Weight("weight", o.weight, QuantId::kF32, {o.width, 1, 1, 1});
    Activation("in", o.in, o.width * o.groups, o.rows);
    Activation("out", o.out, o.width * o.groups, o.rows);
  }
  void operator()(const MatMul& o) {
    Sizes({o.in_width, o.out_width});
    Weight("weight", o.weight, o.format, {o.in_width, o.out_width, 1, 1});
    if (o.bias != kNoTensor) Weight("bias", o.bias, QuantId::kF32, {o.out_width, 1, 1, 1});
    Activation("in", o.in, o.in_width, o.rows);
    Activation("out", o.out, o.out_width, o.rows);
    if (o.in == o.out) Fail("'in' and 'out' are the same tensor");
  }
  void operator()(const Rope& o) {
    Sizes({o.heads, o.head_dim, o.rope_dim});
    if (o.rope_dim % 2 != 0 || o.rope_dim > o.head_dim) {
      Fail(fmt::format("rope_dim {} is odd or above head_dim {}", o.rope_dim, o.head_dim));
    }
    Weight("frequencies", o.frequencies, QuantId::kF32, {o.rope_dim / 2, 1, 1, 1});
    Activation("io", o.io, o.heads * o.head_dim, Rows::kTokens);
  }
  void operator()(const KvAppend& o) {
    Sizes({o.kv_heads, o.head_dim});
    Activation("k", o.k, o.kv_heads * o.head_dim, Rows::kTokens);
    Activation("v", o.v, o.kv_heads * o.head_dim, Rows::kTokens);
    Caches(o.k_cache, o.v_cache, o.format, o.head_dim, o.kv_heads);
  }
  void operator()(const Attention& o) {
    Sizes({o.heads, o.kv_heads, o.head_dim});
    if (o.heads % o.kv_heads != 0) {
      Fail(fmt::format("{} heads cannot share {} kv heads evenly", o.heads, o.kv_heads));
    }
    Activation("q", o.q, o.heads * o.head_dim, Rows::kTokens);
    Activation("out", o.out, o.heads * o.head_dim, Rows::kTokens);
    Caches(o.k_cache, o.v_cache, o.format, o.head_dim, o.kv_heads);
  }
  void operator()(const GatedMul& o) {
    Sizes({o.width, o.groups});
    Activation("gate", o.gate, o.width * o.groups, Rows::kTokens);
    Activation("up", o.up, o.width * o.groups, Rows::kTokens);
    Activation("out", o.out, o.width * o.groups, Rows::kTokens);
  }
  void operator()(const SelectOutputs& o) {
    Sizes({o.width});
    Activation("in", o.in, o.width, Rows::kTokens);
    Activation("out", o.out, o.width, Rows::kOutputs);
  }
  void operator()(const TopExperts& o) {
    Sizes({o.experts, o.used});
    Used(o.used, o.experts);
    Activation("scores", o.scores, o.experts, Rows::kTokens);
    Index("ids", o.ids, o.used, Rows::kTokens);
    Activation("weights", o.weights, o.used, Rows::kTokens);
  }
  void operator()(const ExpertMatMul& o) {
    Sizes({o.in_width, o.out_width, o.experts, o.used});
    Used(o.used, o.experts);
    Weight("weight", o.weight, o.format, {o.in_width, o.out_width, o.experts, 1});
    Index("ids", o.ids, o.used, Rows::kTokens);
    Activation("in", o.in, o.shared_input ? o.in_width : o.used * o.in_width, Rows::kTokens);
    Activation("out", o.out, o.used * o.out_width, Rows::kTokens);
    if (o.in == o.out) Fail("'in' and 'out' are the same tensor");
  }
  void operator()(const ExpertSum& o) {
    Sizes({o.width, o.used});
    Activation("in", o.in, o.used * o.width, Rows::kTokens);
    Activation("weights", o.weights, o.used, Rows::kTokens);
    Activation("out", o.out, o.width, Rows::kTokens);
  }
  void operator()(const ArgMax& o) {
    Sizes({o.width});
    Activation("in", o.in, o.width, Rows::kOutputs);
    Index("out", o.out, 1, Rows::kOutputs);
  }
  void operator()(const MemoryProbe& o) {
    Sizes({o.passes, o.streams});
    if (o.bytes < 1 || o.bytes % 4096 != 0)
      Fail(fmt::format("{} bytes are no multiple of 4096", o.bytes));
    const auto role = o.small_pages ? TensorRole::kSmallPageBuffer : TensorRole::kBuffer;
    const bool up = o.pattern == MemoryPattern::kUpload;
    Buffer("a", o.a, o.host_memory || up ? TensorRole::kHostBuffer : role, o.bytes);
    const bool down = o.pattern == MemoryPattern::kDownload;
    const bool triad = o.pattern == MemoryPattern::kTriad;
    if (triad || CopiesToB(o.pattern)) {
      Buffer("b", o.b, down ? TensorRole::kHostBuffer : role, o.bytes);
    }
    if (triad) Buffer("c", o.c, role, o.bytes);
  }
  void operator()(const LatencyProbe& o) {
    Sizes({o.hops});
    if (o.bytes < 1 || o.bytes % kChaseLine != 0) {
      Fail(fmt::format("{} bytes are no lines of {}", o.bytes, kChaseLine));
    }
    Buffer("a", o.a, TensorRole::kBuffer, o.bytes);
  }
  void operator()(const ClockProbe& o) { Sizes({o.adds}); }
  void operator()(const ComputeProbe& o) {
    if (o.operations < 1) Fail(fmt::format("{} operations make no sense", o.operations));
  }
  void operator()(const SubgroupProbe& o) { Sizes({o.sums}); }
  void operator()(const LaunchProbe& o) { Sizes({o.count}); }

 private:
  using Dims = std::array<std::int64_t, 4>;

  [[noreturn]] void Fail(const std::string& why) const {
    throw Error(ExitCode::kInvalidInput, fmt::format("{}: {}", op_, why));
  }

  void Sizes(std::initializer_list<std::int64_t> sizes) const {
    for (const std::int64_t size : sizes) {
      if (size < 1 || size > kMostWidth) Fail(fmt::format("a size of {} makes no sense", size));
    }
  }

  void Used(std::int64_t used, std::int64_t experts) const {
    if (used > experts) Fail(fmt::format("{} of {} experts cannot be used", used, experts));
  }

  const TensorDesc& Present(std::string_view operand, TensorId id) const {
    if (id == kNoTensor) Fail(fmt::format("operand '{}' is missing", operand));
    return desc_of_(id);
  }

  // A tensor of exactly these dimensions, stored as `format`.
  void Weight(std::string_view operand, TensorId id, QuantId format, const Dims& dims) const {
    const TensorDesc& desc = Present(operand, id);
    if (desc.role == TensorRole::kIndex || desc.format != format || desc.dims != dims) {
      Fail(fmt::format("operand '{}' must be {} {}x{}x{}x{}, but tensor '{}' is {} {}x{}x{}x{}",
                       operand, FormatOf(format).name, dims[0], dims[1], dims[2], dims[3],
                       desc.name,
                       desc.role == TensorRole::kIndex ? "int32" : FormatOf(desc.format).name,
                       desc.dims[0], desc.dims[1], desc.dims[2], desc.dims[3]));
    }
  }

  void Buffer(std::string_view operand, TensorId id, TensorRole role, std::int64_t bytes) const {
    const TensorDesc& desc = Present(operand, id);
    if (desc.role != role) {
      Fail(fmt::format("operand '{}' is tensor '{}', which is not in the pages that the op names",
                       operand, desc.name));
    }
    if (ByteSize(desc) < static_cast<std::uint64_t>(bytes)) {
      Fail(fmt::format("operand '{}' must hold {} bytes, but tensor '{}' holds {}", operand, bytes,
                       desc.name, ByteSize(desc)));
    }
  }

  void Activation(std::string_view operand, TensorId id, std::int64_t width, Rows rows) {
    const TensorDesc& desc = Present(operand, id);
    if (desc.role == TensorRole::kIndex || desc.format != QuantId::kF32) {
      Fail(fmt::format("operand '{}' must be f32, but tensor '{}' is not", operand, desc.name));
    }
    HasRows(operand, desc, width, rows);
  }

  void Index(std::string_view operand, TensorId id, std::int64_t width, Rows rows) {
    const TensorDesc& desc = Present(operand, id);
    if (desc.role != TensorRole::kIndex) {
      Fail(fmt::format("operand '{}' must be int32, but tensor '{}' is not", operand, desc.name));
    }
    HasRows(operand, desc, width, rows);
  }

  void HasRows(std::string_view operand, const TensorDesc& desc, std::int64_t width, Rows rows) {
    if (desc.dims[0] != width || desc.dims[2] != 1 || desc.dims[3] != 1) {
      Fail(fmt::format("operand '{}' must have rows of {} values, but tensor '{}' is {}x{}x{}x{}",
                       operand, width, desc.name, desc.dims[0], desc.dims[1], desc.dims[2],
                       desc.dims[3]));
    }
    std::int64_t& limit = rows == Rows::kTokens ? limits_.tokens : limits_.outputs;
    limit = std::min(limit, desc.dims[1]);
  }

  void Caches(TensorId k, TensorId v, QuantId format, std::int64_t head_dim,
              std::int64_t kv_heads) {
    const Dims dims = Present("k_cache", k).dims;
    const Dims wanted{head_dim, kv_heads, dims[2], dims[3]};
    Weight("k_cache", k, format, wanted);
    Weight("v_cache", v, format, wanted);
    if (k == v) Fail("'k_cache' and 'v_cache' are the same tensor");
    limits_.positions = std::min(limits_.positions, dims[2]);
    limits_.sequences = std::min(limits_.sequences, dims[3]);
  }

  std::string_view op_;
  const DescOf& desc_of_;
  StepLimits& limits_;
};

[[noreturn]] void FailStep(const std::string& why) {
  throw Error(ExitCode::kRunFailed, "step: " + why);
}

}  // namespace

StepLimits CheckOps(std::span<const Op> ops,
                    const std::function<const TensorDesc&(TensorId)>& desc) {
  StepLimits limits;
  for (const Op& op : ops) std::visit(Checker(NameOf(op), desc, limits), op);
  return limits;
}

void CheckStep(const Step& step, const StepLimits& limits) {
  const auto count = static_cast<std::int64_t>(step.tokens.size());
  if (count == 0 && limits.tokens == StepLimits::kNone) return;  // probes take no tokens
  if (count < 1 || count > limits.tokens) {
    FailStep(fmt::format("{} tokens, but the plan takes 1 to {}", count, limits.tokens));
  }
  std::int64_t outputs = 0;
  std::set<std::int32_t> seen;
  for (std::size_t t = 0; t < step.tokens.size(); ++t) {
    const TokenAt& token = step.tokens[t];
    if (token.id < 0 || token.id >= limits.vocab) {
      FailStep(fmt::format("token {} has id {}, but the vocabulary holds {}", t, token.id,
                           limits.vocab));
    }
    if (token.position < 0 || token.position >= limits.positions) {
      FailStep(fmt::format("token {} stands at position {}, but the cache holds {}", t,
                           token.position, limits.positions));
    }
    if (token.sequence < 0 || token.sequence >= limits.sequences) {
      FailStep(fmt::format("token {} is of sequence {}, but the cache holds {}", t, token.sequence,
                           limits.sequences));
    }
    const bool follows = t > 0 && token.sequence == step.tokens[t - 1].sequence;
    if (follows && token.position != step.tokens[t - 1].position + 1) {
      FailStep(fmt::format("token {} stands at position {} after {}", t, token.position,
                           step.tokens[t - 1].position));
    }
    if (!follows && !seen.insert(token.sequence).second) {
      FailStep(fmt::format("the tokens of sequence {} do not stand together", token.sequence));
    }
    outputs += token.output ? 1 : 0;
  }
  if (outputs > limits.outputs) {
    FailStep(fmt::format("{} output tokens, but the plan takes {}", outputs, limits.outputs));
  }
}

}  // namespace inferometer
