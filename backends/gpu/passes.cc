// Puts ops together into passes.
#include "backends/gpu/passes.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <type_traits>
#include <utility>

namespace inferometer::gpu {
namespace {

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

class Passes {
 public:
  Passes(std::span<const Op> ops, const PassOptions& options) : ops_(ops), options_(options) {}

  std::vector<Pass> Make() {
    if (options_.norms_on_the_way) FindNorms();
    for (std::size_t i = 0; i < ops_.size();) i += Next(i);
    return std::move(passes_);
  }

 private:
  // What no op from `from` on reads before it is written again.
  bool Dead(TensorId id, std::size_t from) const {
    for (std::size_t i = from; i < ops_.size(); ++i) {
      const Uses uses = UseOf(ops_[i], id);
      if (uses.reads) return false;
      if (uses.writes) return true;
    }
    return true;
  }

  // Norms all of whose readers are matmuls that can apply them: their input still stands there
  // unchanged when the last of them reads it.
  void FindNorms() {
    for (std::size_t i = 0; i < ops_.size(); ++i) {
      const auto* norm = std::get_if<RmsNorm>(&ops_[i]);
      if (norm == nullptr || norm->groups != 1) continue;
      std::vector<std::size_t> readers;
      if (!OnlyMatMulsRead(*norm, i, readers) || readers.empty()) continue;
      swallowed_.insert(i);
      for (const std::size_t reader : readers) norm_of_[reader] = norm;
    }
  }

  bool OnlyMatMulsRead(const RmsNorm& norm, std::size_t at,
                       std::vector<std::size_t>& readers) const {
    bool input_changed = false;
    for (std::size_t j = at + 1; j < ops_.size(); ++j) {
      const Uses of_out = UseOf(ops_[j], norm.out);
      if (of_out.reads) {
        const auto* m = std::get_if<MatMul>(&ops_[j]);
        if (m == nullptr || m->in != norm.out || m->in_width != norm.width ||
            m->rows != norm.rows || m->bias == norm.out || m->out == norm.in || of_out.writes ||
            input_changed) {
          return false;
        }
        readers.push_back(j);
      } else if (of_out.writes) {
        return true;
      }
      input_changed |= UseOf(ops_[j], norm.in).writes;
    }
    return true;
  }

  // Adds the pass that begins with op i; returns how many ops it takes.
  std::size_t Next(std::size_t i) {
    if (swallowed_.contains(i)) return 1;
    if (options_.rope_append) {
      for (const std::size_t norms : {2, 0}) {
        if (RopeAppend(i, norms)) return norms + 3;
      }
    }
    if (options_.gated_matmuls && Gated(i)) return 3;
    if (const auto* matmul = std::get_if<MatMul>(&ops_[i])) {
      MatMulPass pass{*matmul, {}};
      if (const RmsNorm* norm = NormOf(i)) {
        pass.norm = {norm->weight, norm->eps};
        pass.op.in = norm->in;
      }
      Add(pass, i, 1);
    } else {
      Add(ops_[i], i, 1);
    }
    return 1;
  }

  const RmsNorm* NormOf(std::size_t i) const {
    const auto it = norm_of_.find(i);
    return it == norm_of_.end() ? nullptr : it->second;
  }

  bool Gated(std::size_t i) {
    if (i + 2 >= ops_.size()) return false;
    const auto* gated = std::get_if<GatedMul>(&ops_[i + 2]);
    if (gated == nullptr || gated->gate == gated->up) return false;
    return GatedOf<MatMul, GatedMatMulPass>(i, *gated) ||
           GatedOf<ExpertMatMul, GatedExpertsPass>(i, *gated);
  }

  template <typename Matrix, typename Fused>
  bool GatedOf(std::size_t i, const GatedMul& gated) {
    const auto *a = std::get_if<Matrix>(&ops_[i]), *b = std::get_if<Matrix>(&ops_[i + 1]);
    if (a == nullptr || b == nullptr) return false;
    if (a->out != gated.gate) std::swap(a, b);
    if (a->out != gated.gate || b->out != gated.up || !Alike(*a, *b, gated)) return false;
    for (const TensorId id : {gated.gate, gated.up}) {
      if (id != gated.out && !Dead(id, i + 3)) return false;
    }
    Fused pass;
    pass.gate = *a;
    pass.up = *b;
    pass.out = gated.out;
    if constexpr (std::is_same_v<Matrix, MatMul>) {
      const RmsNorm* norm = NormOf(i);
      if (norm != NormOf(i + 1)) return false;
      if (norm != nullptr) {
        if (gated.out == norm->in) return false;
        pass.norm = {norm->weight, norm->eps};
        pass.gate.in = pass.up.in = norm->in;
      }
    }
    if (gated.out == pass.gate.in) return false;  // other threads still read it
    Add(pass, i, 3);
    return true;
  }

  static bool Alike(const MatMul& a, const MatMul& b, const GatedMul& gated) {
    return a.in == b.in && a.format == b.format && a.in_width == b.in_width &&
           a.out_width == b.out_width && a.rows == Rows::kTokens && b.rows == Rows::kTokens &&
           !a.accumulate && !b.accumulate && gated.width * gated.groups == a.out_width;
  }
  static bool Alike(const ExpertMatMul& a, const ExpertMatMul& b, const GatedMul& gated) {
    return a.in == b.in && a.ids == b.ids && a.format == b.format && a.in_width == b.in_width &&
           a.out_width == b.out_width && a.experts == b.experts && a.used == b.used &&
           a.shared_input == b.shared_input && gated.width == a.out_width && gated.groups == a.used;
  }

  // [norm q, norm k,] rope q, rope k, append.
  bool RopeAppend(std::size_t i, std::size_t norms) {
    const std::size_t end = i + norms + 3;
    if (end > ops_.size()) return false;
    const auto* append = std::get_if<KvAppend>(&ops_[end - 1]);
    const auto *q = std::get_if<Rope>(&ops_[end - 3]), *k = std::get_if<Rope>(&ops_[end - 2]);
    if (append == nullptr || q == nullptr || k == nullptr) return false;
    if (k->io != append->k) std::swap(q, k);
    if (k->io != append->k || q->io == k->io || q->io == append->v || append->k == append->v) {
      return false;
    }
    if (q->frequencies != k->frequencies || q->head_dim != k->head_dim ||
        q->rope_dim != k->rope_dim || q->style != k->style || k->heads != append->kv_heads ||
        k->head_dim != append->head_dim || !Dead(k->io, end)) {
      return false;
    }
    RopeAppendPass pass{*q, *k, *append, {}, {}};
    for (std::size_t j = i; j < i + norms; ++j) {
      const auto* norm = std::get_if<RmsNorm>(&ops_[j]);
      if (norm == nullptr || norm->in != norm->out || norm->width != q->head_dim ||
          norm->rows != Rows::kTokens) {
        return false;
      }
      const bool of_q = norm->in == q->io && norm->groups == q->heads;
      if (!of_q && (norm->in != k->io || norm->groups != k->heads)) return false;
      NormOnTheWay& to = of_q ? pass.q_norm : pass.k_norm;
      if (to.weight != kNoTensor) return false;
      to = {norm->weight, norm->eps};
    }
    Add(pass, i, norms + 3);
    return true;
  }

  void Add(const Work& work, std::size_t first_op, std::size_t count) {
    Pass pass{.work = work, .touches = {}, .first_op = first_op, .ops = count};
    const auto touch = [&pass](TensorId id, Access access) {
      if (id == kNoTensor) return;
      pass.touches.push_back({static_cast<std::uint32_t>(id), access});
    };
    const auto all_of = [&touch](Op op) { ForEachOperand(op, touch); };
    const auto without = [&touch](Op op, TensorId unused) {
      ForEachOperand(op, [&](TensorId& id, Access access) {
        if (id != unused) touch(id, access);
      });
    };
    if (const auto* op = std::get_if<Op>(&work)) {
      all_of(*op);
    } else if (const auto* m = std::get_if<MatMulPass>(&work)) {
      all_of(m->op);
      touch(m->norm.weight, Access::kRead);
    } else if (const auto* g = std::get_if<GatedMatMulPass>(&work)) {
      without(g->gate, g->gate.out);
      without(g->up, g->up.out);
      touch(g->norm.weight, Access::kRead);
      touch(g->out, Access::kWrite);
    } else if (const auto* e = std::get_if<GatedExpertsPass>(&work)) {
      without(e->gate, e->gate.out);
      without(e->up, e->up.out);
      touch(e->out, Access::kWrite);
    } else if (const auto* r = std::get_if<RopeAppendPass>(&work)) {
      all_of(r->q);
      all_of(r->append);
      touch(r->q_norm.weight, Access::kRead);
      touch(r->k_norm.weight, Access::kRead);
    }
    passes_.push_back(std::move(pass));
  }

  std::span<const Op> ops_;
  const PassOptions options_;
  std::set<std::size_t> swallowed_;                // norms that matmuls apply
  std::map<std::size_t, const RmsNorm*> norm_of_;  // by matmul
  std::vector<Pass> passes_;
};

}  // namespace

std::size_t AlikeMatMuls(std::span<const Pass> passes, std::size_t most) {
  most = std::min(most, passes.size());
  if (most < 2 || !std::holds_alternative<MatMulPass>(passes.front().work)) return most > 0 ? 1 : 0;
  const auto& first = std::get<MatMulPass>(passes.front().work);
  const MatMul& a = first.op;
  Hazards hazards;
  hazards.Before(passes.front().touches);
  std::size_t count = 1;
  for (; count < most; ++count) {
    const auto* next = std::get_if<MatMulPass>(&passes[count].work);
    if (next == nullptr) break;
    const MatMul& b = next->op;
    const bool alike = a.in == b.in && a.format == b.format && a.in_width == b.in_width &&
                       a.rows == b.rows && first.norm.weight == next->norm.weight &&
                       first.norm.eps == next->norm.eps;
    const Pass& before = passes[count - 1];
    const bool follows = passes[count].first_op == before.first_op + before.ops;
    if (!alike || !follows || hazards.Before(passes[count].touches)) break;
  }
  return count;
}

std::vector<Pass> MakePasses(std::span<const Op> ops, const PassOptions& options) {
  return Passes(ops, options).Make();
}

}  // namespace inferometer::gpu
