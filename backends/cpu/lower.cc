// Lowers a list of ops into stages: fuses what feeds a matmul into making its input ready, and
// finds the places where threads must meet.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "backends/cpu/packing.h"
#include "backends/cpu/stage.h"

namespace inferometer::cpu {
namespace {

// The tensor that a matmul reads, and what of it.
struct MatMulInput {
  TensorId in;
  std::int64_t width, groups;
  Rows rows;
  QuantId format;
  bool experts;
};

std::optional<MatMulInput> InputOf(const Op& op) {
  if (const auto* m = std::get_if<MatMul>(&op)) {
    return MatMulInput{m->in, m->in_width, 1, m->rows, m->format, false};
  }
  if (const auto* m = std::get_if<ExpertMatMul>(&op)) {
    return MatMulInput{m->in,         m->in_width, m->shared_input ? 1 : m->used,
                       Rows::kTokens, m->format,   true};
  }
  return std::nullopt;
}

struct Uses {
  bool reads = false, writes = false;
};

Uses UseOf(const Op& op, TensorId id) {
  Uses uses;
  Op copy = op;
  ForEachOperand(copy, [&uses, id](TensorId& operand, Access access) {
    if (operand != id) return;
    uses.reads |= access != Access::kWrite;
    uses.writes |= access != Access::kRead;
  });
  return uses;
}

// The matmuls after op `at` that read `out` before anything else reads or writes it; empty unless
// all its readers are matmuls with that input.
std::vector<std::size_t> OnlyMatMulsRead(std::span<const Op> ops, std::size_t at, TensorId out,
                                         std::int64_t width) {
  std::vector<std::size_t> readers;
  for (std::size_t i = at + 1; i < ops.size(); ++i) {
    const Uses uses = UseOf(ops[i], out);
    if (uses.reads) {
      const auto input = InputOf(ops[i]);
      if (!input || input->in != out || input->width != width || uses.writes) return {};
      readers.push_back(i);
    } else if (uses.writes) {
      break;
    }
  }
  return readers;
}

// Stages whose work is one unit per (token, head), shared out the same way by each of them: a later
// one finds what it reads written by its own thread.
std::int64_t HeadsOf(const Stage& stage, TensorId id) {
  const Op* op = std::get_if<Op>(&stage.what);
  if (op == nullptr) return 0;
  if (const auto* norm = std::get_if<RmsNorm>(op)) {
    return norm->groups > 1 && norm->in == norm->out ? norm->groups : 0;
  }
  if (const auto* rope = std::get_if<Rope>(op)) return rope->io == id ? rope->heads : 0;
  if (const auto* append = std::get_if<KvAppend>(op)) return append->kv_heads;
  return 0;
}

// What a stage reads and writes: tensors, and ready inputs as numbers beyond them.
struct Touched {
  std::set<std::uint64_t> reads, writes;
};

constexpr std::uint64_t kSlotBase = std::uint64_t{1} << 32;

Touched TouchedBy(const Stage& stage, bool single) {
  Touched touched;
  if (const auto* ready = std::get_if<ReadyInput>(&stage.what)) {
    for (const TensorId id : {ready->in, ready->in2, ready->weight}) {
      if (id != kNoTensor) touched.reads.insert(static_cast<std::uint32_t>(id));
    }
    // In a step of one row each thread writes a copy of its own.
    if (!single) touched.writes.insert(kSlotBase + static_cast<std::uint64_t>(ready->slot));
    return touched;
  }
  Op op = std::get<Op>(stage.what);
  ForEachOperand(op, [&touched](TensorId& id, Access access) {
    if (access != Access::kWrite) touched.reads.insert(static_cast<std::uint32_t>(id));
    if (access != Access::kRead) touched.writes.insert(static_cast<std::uint32_t>(id));
  });
  if (stage.slot >= 0) {
    const auto input = InputOf(op);
    touched.reads.erase(static_cast<std::uint32_t>(input->in));
    if (!single) touched.reads.insert(kSlotBase + static_cast<std::uint64_t>(stage.slot));
  }
  return touched;
}

void MarkMeetings(std::vector<Stage>& stages, bool single) {
  std::set<std::uint64_t> reads, writes;        // since the threads last met
  std::map<std::uint64_t, std::int64_t> heads;  // of tensors written head by head since then
  for (Stage& stage : stages) {
    const Touched touched = TouchedBy(stage, single);
    auto same_thread = [&](std::uint64_t id) {
      const auto it = heads.find(id);
      return it != heads.end() &&
             it->second == HeadsOf(stage, TensorId{static_cast<std::uint32_t>(id)});
    };
    std::set<std::uint64_t> hazards;
    for (const std::uint64_t id : touched.reads) {
      if (writes.contains(id) && !same_thread(id)) hazards.insert(id);
    }
    for (const std::uint64_t id : touched.writes) {
      if ((writes.contains(id) || reads.contains(id)) && !same_thread(id)) hazards.insert(id);
    }
    const bool meet = !hazards.empty();
    (single ? stage.meet_single : stage.meet_many) = meet;
    if (meet) reads.clear(), writes.clear(), heads.clear();
    for (const std::uint64_t id : touched.reads) reads.insert(id);
    for (const std::uint64_t id : touched.writes) {
      const std::int64_t count = HeadsOf(stage, TensorId{static_cast<std::uint32_t>(id)});
      const bool first = writes.insert(id).second;
      if (first && count > 0) heads[id] = count;
      if (!first && (!heads.contains(id) || heads[id] != count)) heads.erase(id);
    }
  }
}

class Lowering {
 public:
  Lowering(std::span<const Op> ops, const KernelSet& kernels) : ops_(ops), kernels_(kernels) {}

  Lowered Run() {
    for (std::size_t i = 0; i < ops_.size(); ++i) {
      if (Fuse(i)) continue;
      const auto input = InputOf(ops_[i]);
      if (input && !ready_.contains(input->in)) MakeReady(*input, i);
      Stage stage{.what = ops_[i], .op = i};
      if (input) {
        const auto it = ready_.find(input->in);
        // Floats that nothing was done to are read where they stand.
        ReadyInput need;
        Need(*input, need);
        const bool stands = need.few.floats && need.many.floats;
        if (it != ready_.end() && (!stands || it->second.fused)) {
          stage.slot = it->second.slot;
        }
      }
      lowered_.stages.push_back(stage);
      Forget(ops_[i]);
    }
    MarkMeetings(lowered_.stages, true);
    MarkMeetings(lowered_.stages, false);
    return std::move(lowered_);
  }

 private:
  // Marks the forms that a matmul reads its input in.
  void Need(const MatMulInput& input, ReadyInput& ready) const {
    const bool brains = input.format == QuantId::kBF16 && kernels_.brain_form != nullptr;
    const bool tiles = !input.experts && MultipliesTiles(kernels_, input.format, input.width);
    ready.many.rests |= tiles && input.format == QuantId::kF16;
    for (Forms* forms : {&ready.few, &ready.many}) {
      (tiles && forms == &ready.many ? forms->tiles
       : IsQuantized(input.format)   ? forms->codes
       : brains                      ? forms->brains
                                     : forms->floats) = true;
    }
  }

  // Whether op i became part of making an input ready.
  bool Fuse(std::size_t i) {
    ReadyInput ready;
    TensorId out = kNoTensor;
    if (const auto* norm = std::get_if<RmsNorm>(&ops_[i]); norm != nullptr && norm->groups == 1) {
      ready = {.source = Source::kNorm,
               .in = norm->in,
               .weight = norm->weight,
               .width = norm->width,
               .eps = norm->eps,
               .rows = norm->rows};
      out = norm->out;
    } else if (const auto* gate = std::get_if<GatedMul>(&ops_[i])) {
      ready = {.source = Source::kGate,
               .in = gate->gate,
               .in2 = gate->up,
               .width = gate->width,
               .groups = gate->groups};
      out = gate->out;
    } else {
      return false;
    }
    const auto readers = OnlyMatMulsRead(ops_, i, out, ready.width);
    if (readers.empty()) return false;
    for (const std::size_t reader : readers) {
      const auto input = InputOf(ops_[reader]);
      if (input->groups != ready.groups || input->rows != ready.rows) return false;
      Need(*input, ready);
    }
    Add(ready, out, i);
    return true;
  }

  // A matmul whose input nothing was fused into: other forms are made of the tensor as it stands.
  void MakeReady(const MatMulInput& input, std::size_t at) {
    ReadyInput ready{
        .in = input.in, .width = input.width, .groups = input.groups, .rows = input.rows};
    for (std::size_t i = at; i < ops_.size(); ++i) {
      const auto other = InputOf(ops_[i]);
      if (other && other->in == input.in) Need(*other, ready);
      if (UseOf(ops_[i], input.in).writes) break;
    }
    ready.many.floats = false;
    ready.few.floats &= ready.many.tiles;  // one slot serves both
    if (ready.few.codes || ready.few.brains || ready.many.tiles) Add(ready, input.in, at);
  }

  // Slots are shared by all ready inputs of the same tensor.
  void Add(ReadyInput ready, TensorId out, std::size_t op) {
    const auto [it, added] = slots_.try_emplace(out, static_cast<int>(lowered_.slots.size()));
    ready.slot = it->second;
    if (added) {
      lowered_.slots.push_back(ready);
    } else {
      ReadyInput& widest = lowered_.slots[static_cast<std::size_t>(ready.slot)];
      if (ready.width * ready.groups > widest.width * widest.groups) {
        widest.width = ready.width;
        widest.groups = ready.groups;
      }
      widest.few = Both(widest.few, ready.few);
      widest.many = Both(widest.many, ready.many);
    }
    ready_[out] = {ready.slot, ready.source != Source::kPlain};
    lowered_.stages.push_back({.what = ready, .op = op});
  }

  // What an op writes is no longer ready.
  void Forget(const Op& op) {
    Op copy = op;
    ForEachOperand(copy, [this](TensorId& id, Access access) {
      if (access != Access::kRead) ready_.erase(id);
    });
  }

  std::span<const Op> ops_;
  const KernelSet& kernels_;
  Lowered lowered_;
  std::map<TensorId, int> slots_;  // by tensor, for good
  struct Ready {
    int slot;
    bool fused;
  };
  std::map<TensorId, Ready> ready_;  // by tensor, as long as it holds
};

}  // namespace

Lowered Lower(std::span<const Op> ops, const KernelSet& kernels) {
  return Lowering(ops, kernels).Run();
}

}  // namespace inferometer::cpu
