// A plan lowered for the CPU: what all threads run, in order, and where they must meet.
#ifndef INFEROMETER_BACKENDS_CPU_STAGE_H_
#define INFEROMETER_BACKENDS_CPU_STAGE_H_

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "backends/cpu/kernel_set.h"
#include "models/op.h"

namespace inferometer::cpu {

// Makes the input of matmuls ready: normed or gated on the way, in the forms that the kernels of
// what follows want; see Activations. For a step of one token every thread does it for itself,
// which costs less than meeting; for more the rows are shared out.
enum class Source : std::uint8_t {
  kPlain,  // in
  kNorm,   // norm(in) * weight
  kGate,   // silu(in) * in2
};
struct Forms {
  bool codes = false, floats = false, brains = false, tiles = false, rests = false;
};
inline Forms Both(const Forms& a, const Forms& b) {
  return {a.codes || b.codes, a.floats || b.floats, a.brains || b.brains, a.tiles || b.tiles,
          a.rests || b.rests};
}
struct ReadyInput {
  Source source = Source::kPlain;
  TensorId in = kNoTensor, in2 = kNoTensor, weight = kNoTensor;
  std::int64_t width = 0;   // values of one row as the matmul sees it
  std::int64_t groups = 1;  // such rows per token
  float eps = 0;
  Rows rows = Rows::kTokens;
  Forms few = {},
        many = {};  // what is needed of fewer rows than KernelSet::tile_columns, and of more
  int slot = 0;     // where they go
};

struct Stage {
  std::variant<ReadyInput, Op> what;
  std::size_t op = 0;  // of the plan: which it does, or prepares the input of
  int slot = -1;       // matmuls: the ready input they read; -1: the tensor itself, as floats
  // Whether threads meet before this stage: in a step of one row, and of more.
  bool meet_single = false, meet_many = false;
};

struct Lowered {
  std::vector<Stage> stages;
  std::vector<ReadyInput> slots;  // one per slot: the widest use
};

Lowered Lower(std::span<const Op> ops, const KernelSet& kernels);

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_STAGE_H_
