// The operations of a forward pass as plain data: the one list that backends execute, that CostOf
// prices and that WhyNot answers for.
//
// T is the number of tokens in a step, S the number of its tokens marked `output`. Activations are
// f32 and row-major: row t belongs to the step's token t, or to its t-th output token after
// SelectOutputs. All sizes stand in the op, so that it can be priced and refused without its
// tensors.
#ifndef INFEROMETER_MODELS_OP_H_
#define INFEROMETER_MODELS_OP_H_

#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>

#include "models/shape.h"
#include "models/tensor.h"

namespace inferometer {

// How many rows an op works on in a step.
enum class Rows : std::uint8_t {
  kTokens,   // T
  kOutputs,  // S
};

// out[t] = table[token t]; table {width, vocab}.
struct Embed {
  TensorId table = kNoTensor, out = kNoTensor;
  QuantId format = QuantId::kF32;
  std::int64_t width = 0, vocab = 0;
};

// out = in / rms(in) * weight over each group of `width` values; a row holds `groups` of them
// (Zhang, Sennrich 2019). `in` and `out` may be the same tensor. weight {width}.
struct RmsNorm {
  TensorId in = kNoTensor, weight = kNoTensor, out = kNoTensor;
  std::int64_t width = 0, groups = 1;
  float eps = 0;
  Rows rows = Rows::kTokens;
};

// out = weight · in (+ bias), or out += when `accumulate`; weight {in_width, out_width}.
struct MatMul {
  TensorId in = kNoTensor, weight = kNoTensor, bias = kNoTensor, out = kNoTensor;
  QuantId format = QuantId::kF32;
  std::int64_t in_width = 0, out_width = 0;
  bool accumulate = false;
  Rows rows = Rows::kTokens;
};

// Rotates the first rope_dim values of each head by position · frequency, in place (Su et al.
// 2021). io {heads · head_dim}, frequencies {rope_dim / 2}.
struct Rope {
  TensorId io = kNoTensor, frequencies = kNoTensor;
  std::int64_t heads = 0, head_dim = 0, rope_dim = 0;
  RopeStyle style = RopeStyle::kInterleaved;
};

// Stores k and v of each token {kv_heads · head_dim} at its position of its sequence.
struct KvAppend {
  TensorId k = kNoTensor, v = kNoTensor, k_cache = kNoTensor, v_cache = kNoTensor;
  QuantId format = QuantId::kF16;
  std::int64_t kv_heads = 0, head_dim = 0;
};

// Causal softmax attention of each token over positions 0..p of its own sequence, grouped-query:
// query head h reads kv head h / (heads / kv_heads). out and q {heads · head_dim}.
struct Attention {
  TensorId q = kNoTensor, k_cache = kNoTensor, v_cache = kNoTensor, out = kNoTensor;
  QuantId format = QuantId::kF16;
  std::int64_t heads = 0, kv_heads = 0, head_dim = 0;
  float scale = 0;  // on q · k
};

// out = silu(gate) * up (Shazeer 2020, SwiGLU); `groups` rows of `width` values per token.
struct GatedMul {
  TensorId gate = kNoTensor, up = kNoTensor, out = kNoTensor;
  std::int64_t width = 0, groups = 1;
};

// out[s] = in[row of the s-th output token].
struct SelectOutputs {
  TensorId in = kNoTensor, out = kNoTensor;
  std::int64_t width = 0;
};

// Softmax over all expert scores, then the `used` largest, largest first, ties to the lower index,
// their weights normalised to sum 1. ids: int32 {used}, weights {used}.
struct TopExperts {
  TensorId scores = kNoTensor, ids = kNoTensor, weights = kNoTensor;
  std::int64_t experts = 0, used = 0;
};

// out[t][j] = weight[ids[t][j]] · in[t][j], or · in[t] when `shared_input`; weight
// {in_width, out_width, experts}, out {used · out_width}.
struct ExpertMatMul {
  TensorId in = kNoTensor, weight = kNoTensor, ids = kNoTensor, out = kNoTensor;
  QuantId format = QuantId::kF32;
  std::int64_t in_width = 0, out_width = 0, experts = 0, used = 0;
  bool shared_input = false;
};

// out[t] += sum over j of weights[t][j] * in[t][j]; in {used · width}.
struct ExpertSum {
  TensorId in = kNoTensor, weights = kNoTensor, out = kNoTensor;
  std::int64_t width = 0, used = 0;
};

// out[s] = the index of the largest of in[s], ties to the lowest; out int32 {1}.
struct ArgMax {
  TensorId in = kNoTensor, out = kNoTensor;
  std::int64_t width = 0;
};

// Synthetic: streams over buffers of `bytes` each, a multiple of 4096, for the memory roofs.
// McCalpin's names: read sums a; copy b = a; triad a = b + s * c. Fill writes floats in [1, 2) by
// a hash of their place, so that no page is shared, compressible or full of denormals. Upload
// copies b = a from a kHostBuffer into the device's own memory, download from there into one.
enum class MemoryPattern : std::uint8_t { kRead, kCopy, kTriad, kFill, kUpload, kDownload };
constexpr bool CopiesToB(MemoryPattern pattern) {
  return pattern == MemoryPattern::kCopy || pattern == MemoryPattern::kUpload ||
         pattern == MemoryPattern::kDownload;
}
struct MemoryProbe {
  MemoryPattern pattern = MemoryPattern::kRead;
  TensorId a = kNoTensor, b = kNoTensor, c = kNoTensor;
  std::int64_t bytes = 0;
  std::int64_t passes = 1;   // times over the buffers
  std::int64_t streams = 1;  // contiguous parts that each thread goes through side by side
  bool past_caches = false;  // stores that leave the line out of the caches
  bool small_pages = false;  // the buffers have the role kSmallPageBuffer
  bool host_memory = false;  // of read and fill: the buffer has the role kHostBuffer
};

// Synthetic: `hops` loads, each from the address that the one before it loaded, by one thread over
// the first `bytes` of a buffer: the 64-bit word at the start of each line of kChaseLine bytes
// holds the offset of the next one. A run goes on where the last one ended.
inline constexpr std::int64_t kChaseLine = 64;
struct LatencyProbe {
  TensorId a = kNoTensor;
  std::int64_t bytes = 0, hops = 0;
};

// Synthetic: `operations` multiply and add operations (2 per fused multiply-add, 8 per four-wide
// int8 dot) in registers on all lanes of all threads, for the compute roofs. `matrix`: by the
// instructions that multiply small matrices, where there are such.
enum class NumberType : std::uint8_t { kFp32, kFp16, kBf16, kInt8 };
struct ComputeProbe {
  NumberType type = NumberType::kFp32;
  std::int64_t operations = 0;
  bool matrix = false;
};

// Synthetic: `adds` integer additions, each of the result of the one before, on every thread: one
// a cycle, so that their time tells the clock.
struct ClockProbe {
  std::int64_t adds = 0;
};

// Synthetic: `sums` sums over all lanes of a subgroup, each of the result of the one before.
struct SubgroupProbe {
  std::int64_t sums = 0;
};

// Synthetic: nothing, `count` times: what one launch, or one barrier between threads, costs.
struct LaunchProbe {
  std::int64_t count = 1;
};

using Op = std::variant<Embed, RmsNorm, MatMul, Rope, KvAppend, Attention, GatedMul, SelectOutputs,
                        TopExperts, ExpertMatMul, ExpertSum, ArgMax, MemoryProbe, LatencyProbe,
                        ComputeProbe, ClockProbe, SubgroupProbe, LaunchProbe>;

// "matmul", "attention" ...: the name in messages and op-level results.
std::string_view NameOf(const Op& op);

enum class Access : std::uint8_t { kRead, kWrite, kReadWrite };

// Calls f(TensorId&, Access) for each tensor that the op uses; absent ones are left out. One place
// for whoever must rebind an op's tensors or order ops by what they read and write.
template <typename F>
void ForEachOperand(Op& op, F&& f) {
  auto use = [&f](TensorId& id, Access access) {
    if (id != kNoTensor) f(id, access);
  };
  struct Visitor {
    decltype(use)& u;
    void operator()(Embed& o) const { u(o.table, Access::kRead), u(o.out, Access::kWrite); }
    void operator()(RmsNorm& o) const {
      u(o.in, Access::kRead), u(o.weight, Access::kRead), u(o.out, Access::kWrite);
    }
    void operator()(MatMul& o) const {
      u(o.in, Access::kRead), u(o.weight, Access::kRead), u(o.bias, Access::kRead);
      u(o.out, o.accumulate ? Access::kReadWrite : Access::kWrite);
    }
    void operator()(Rope& o) const { u(o.io, Access::kReadWrite), u(o.frequencies, Access::kRead); }
    void operator()(KvAppend& o) const {
      u(o.k, Access::kRead), u(o.v, Access::kRead);
      u(o.k_cache, Access::kReadWrite), u(o.v_cache, Access::kReadWrite);
    }
    void operator()(Attention& o) const {
      u(o.q, Access::kRead), u(o.k_cache, Access::kRead), u(o.v_cache, Access::kRead);
      u(o.out, Access::kWrite);
    }
    void operator()(GatedMul& o) const {
      u(o.gate, Access::kRead), u(o.up, Access::kRead), u(o.out, Access::kWrite);
    }
    void operator()(SelectOutputs& o) const { u(o.in, Access::kRead), u(o.out, Access::kWrite); }
    void operator()(TopExperts& o) const {
      u(o.scores, Access::kRead), u(o.ids, Access::kWrite), u(o.weights, Access::kWrite);
    }
    void operator()(ExpertMatMul& o) const {
      u(o.in, Access::kRead), u(o.weight, Access::kRead), u(o.ids, Access::kRead);
      u(o.out, Access::kWrite);
    }
    void operator()(ExpertSum& o) const {
      u(o.in, Access::kRead), u(o.weights, Access::kRead), u(o.out, Access::kReadWrite);
    }
    void operator()(ArgMax& o) const { u(o.in, Access::kRead), u(o.out, Access::kWrite); }
    void operator()(MemoryProbe& o) const {
      const bool writes_a = o.pattern == MemoryPattern::kTriad || o.pattern == MemoryPattern::kFill;
      u(o.a, writes_a ? Access::kWrite : Access::kRead);
      u(o.b, CopiesToB(o.pattern) ? Access::kWrite : Access::kRead);
      u(o.c, Access::kRead);
    }
    void operator()(LatencyProbe& o) const { u(o.a, Access::kRead); }
    void operator()(ComputeProbe&) const {}
    void operator()(ClockProbe&) const {}
    void operator()(SubgroupProbe&) const {}
    void operator()(LaunchProbe&) const {}
  };
  std::visit(Visitor{use}, op);
}

}  // namespace inferometer

#endif  // INFEROMETER_MODELS_OP_H_
