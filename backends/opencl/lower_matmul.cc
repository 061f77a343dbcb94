// Matrices times few columns, many columns and chosen experts; tables looked up.
#include <fmt/format.h>

#include <algorithm>

#include "backends/opencl/lower.h"

namespace inferometer::opencl {
namespace {

static_assert(static_cast<int>(QuantId::kMXFP4) == 12, "formats.cl names the same numbers");

// Flags of matvec.cl, the first two of gemm*.cl too.
constexpr std::uint32_t kBias = 1, kAccumulate = 2, kGated = 4, kExperts = 8, kShared = 16;

// Blocks of rows to a work-item of matvec.cl, which grow until there are so many groups for each
// unit that the last ones are a small part.
constexpr std::int64_t kMostBlocks = 64;

std::uint32_t WordOf(const gpu::MatrixPart& part, std::size_t plane) {
  return U(static_cast<std::int64_t>(part.plane_bytes[plane] / 4));
}

std::string FormatDefine(QuantId format) {
  return fmt::format("-DFORMAT={}", static_cast<int>(format));
}

// Floats before the scales that pack_rows leaves of up to `rows` rows.
std::int64_t PackedRowsScalesAt(std::int64_t in_width, std::int64_t rows) {
  return rows * ((in_width + 32) / 64 * 32);
}

}  // namespace

std::int64_t PackedRowsFloats(std::int64_t in_width, std::int64_t rows) {
  return PackedRowsScalesAt(in_width, rows) + rows * 2 * ((in_width / gpu::kGroup + 7) / 8 * 8);
}

// What the passes around matrices have in common.
struct Lowering::Matrices {
  TensorId in, weight, weight2 = kNoTensor, bias = kNoTensor, out, ids = kNoTensor;
  QuantId format;
  std::int64_t in_width, out_width;
  std::uint32_t flags = 0;
  Rows rows = Rows::kTokens;
  std::int64_t used = 0;  // experts of a token; 0: none
  bool shared_input = false;

  bool Quantized() const {
    return format != QuantId::kF32 && format != QuantId::kF16 && format != QuantId::kBF16;
  }
  // Rows of `in` for each token, or output.
  std::int64_t InputRows() const { return used > 0 && !shared_input ? used : 1; }
};

Lowering::Matrices Lowering::MatricesOf(const MatMul& op) {
  return {.in = op.in,
          .weight = op.weight,
          .bias = op.bias,
          .out = op.out,
          .format = op.format,
          .in_width = op.in_width,
          .out_width = op.out_width,
          .flags = (op.accumulate ? kAccumulate : 0) | (op.bias != kNoTensor ? kBias : 0),
          .rows = op.rows};
}

void Lowering::AddMatvec(const Matrices& what) { AddMatvecs({&what, 1}); }

void Lowering::AddMatvecs(std::span<const Matrices> all) {
  const Matrices& what = all.front();
  const std::span<const Matrices> beside = all.subspan(1);
  const Tensor& weight = tensors_.At(what.weight);
  const bool experts = what.used > 0, gated = what.weight2 != kNoTensor;
  const std::int64_t most = Most(what.rows);
  const std::int64_t columns = experts || most == kManyRows ? 1 : most;
  // One stream of weights is read fastest by a processor; more columns make unpacking dear. On a
  // GPU two rows of four columns need more registers than there are (isa.csv).
  const std::int64_t rows_each = (columns == 1) == can_.wide ? 1 : 2;
  const std::uint32_t flags = what.flags | (gated ? kGated : 0) | (experts ? kExperts : 0) |
                              (experts && what.shared_input ? kShared : 0);
  const bool packed = can_.wide && can_.builtin && what.Quantized();
  // Experts serve steps of any length, one column at a time.
  const std::int64_t packed_rows =
      experts ? buffers_.most_tokens * what.InputRows() : kMostMatvecRows;
  if (packed) AddPackRows(what, packed_rows);
  for (std::size_t i = 0; i < weight.parts.size(); ++i) {
    const gpu::MatrixPart& part = weight.layout.parts[i];
    Dispatch& dispatch =
        New("matvec",
            fmt::format("{} -DROWS={} -DCOLUMNS={} -DPACKED={:d}{}", FormatDefine(what.format),
                        rows_each, columns, packed, beside.empty() ? "" : " -DBESIDE"),
            "matvec", Items(1, static_cast<std::size_t>(sizes_.matvec_items)));
    const auto blocks_of = [rows_each](std::int64_t rows) {
      return (rows + rows_each - 1) / rows_each;
    };
    const std::int64_t first_blocks = blocks_of(experts ? what.out_width : part.rows);
    std::int64_t blocks = first_blocks;
    for (const Matrices& other : beside) blocks += blocks_of(other.out_width);
    const std::int64_t each =
        can_.wide ? std::clamp<std::int64_t>(
                        blocks / (sizes_.groups_per_unit * static_cast<std::int64_t>(can_.units)),
                        1, kMostBlocks)
                  : 1;
    dispatch.args.insert(
        dispatch.args.end(),
        {weight.parts[i].get(), gated ? tensors_.At(what.weight2).parts[i].get() : nullptr,
         At(what.in), At(what.out), At(what.bias), At(what.ids), U(part.rows), U(part.first_row),
         U(what.in_width), U(what.out_width), WordOf(part, 1), WordOf(part, 2), WordOf(part, 3),
         CountWord(what.rows), flags, U(std::max<std::int64_t>(what.used, 1)), U(each),
         buffers_.packed, U(PackedRowsScalesAt(what.in_width, packed_rows))});
    std::size_t groups = CeilDiv(first_blocks, each);
    for (std::size_t b = 0; b < 2 && !beside.empty(); ++b) {
      if (b >= beside.size()) {  // no group gets so far
        dispatch.args.insert(dispatch.args.end(),
                             {U(-1), cl_mem{}, cl_mem{}, cl_mem{}, 1u, 0u, 0u, 0u, 0u});
        continue;
      }
      const Matrices& other = beside[b];
      const Tensor& matrix = tensors_.At(other.weight);
      const gpu::MatrixPart& whole = matrix.layout.parts.front();
      dispatch.args.insert(dispatch.args.end(),
                           {U(static_cast<std::int64_t>(groups)), matrix.parts.front().get(),
                            At(other.out), At(other.bias), U(other.out_width), WordOf(whole, 1),
                            WordOf(whole, 2), WordOf(whole, 3), other.flags});
      groups += CeilDiv(blocks_of(other.out_width), each);
    }
    dispatch.groups = [=, kind = what.rows, times = std::max<std::int64_t>(what.used, 1)](
                          const gpu::StepCounts& counts) {
      return Groups{groups, CeilDiv(CountOf(counts, kind) * times, columns), 1};
    };
  }
}

void Lowering::AddPack(const Matrices& what) {
  const Packed packed{what.in, what.Quantized(), 0};
  if (packed_ == packed) return;
  packed_ = packed;
  Dispatch& dispatch = New("pack", fmt::format("-DQUANTIZED={:d}", packed.quantized), "pack", 1);
  const std::int64_t groups = (what.in_width + gpu::kGroup - 1) / gpu::kGroup;
  dispatch.args.insert(dispatch.args.end(),
                       {At(what.in), buffers_.packed, U(what.in_width),
                        U(buffers_.packed_blocks * groups * 256), CountWord(what.rows)});
  dispatch.groups = [=, kind = what.rows](const gpu::StepCounts& counts) {
    return Groups{CeilDiv(groups, 1), CeilDiv(CountOf(counts, kind), 32) * 2, 1};
  };
}

void Lowering::AddPackRows(const Matrices& what, std::int64_t rows) {
  const Packed packed{what.in, true, rows};
  if (packed_ == packed) return;
  packed_ = packed;
  Dispatch& dispatch = New("pack", "-DQUANTIZED=1", "pack_rows", 1);
  dispatch.args.insert(dispatch.args.end(), {At(what.in), buffers_.packed, U(what.in_width),
                                             U(PackedRowsScalesAt(what.in_width, rows)),
                                             CountWord(what.rows), U(what.InputRows())});
  dispatch.groups = [chunks = CeilDiv(what.in_width, 8 * gpu::kGroup), kind = what.rows,
                     each = what.InputRows()](const gpu::StepCounts& counts) {
    return Groups{chunks, CeilDiv(CountOf(counts, kind) * each, 1), 1};
  };
}

void Lowering::AddGemm(const Matrices& what) {
  const Tensor& weight = tensors_.At(what.weight);
  if (can_.wide) AddPack(what);
  for (std::size_t i = 0; i < weight.parts.size(); ++i) {
    const gpu::MatrixPart& part = weight.layout.parts[i];
    const std::string format = FormatDefine(what.format);
    Dispatch& dispatch = can_.wide ? New("gemm_wide",
                                         fmt::format("{} -DROWS={} -DBLOCKS={}", format,
                                                     sizes_.gemm_rows, sizes_.gemm_blocks),
                                         "gemm", 1)
                                   : New("gemm", format, "gemm", 128);
    dispatch.args.insert(
        dispatch.args.end(),
        {weight.parts[i].get(), can_.wide ? buffers_.packed : At(what.in), At(what.out),
         At(what.bias), U(part.rows), U(part.first_row), U(what.in_width), U(what.out_width),
         WordOf(part, 1), WordOf(part, 2), WordOf(part, 3)});
    if (can_.wide) {
      dispatch.args.emplace_back(U(buffers_.packed_blocks * (what.in_width / gpu::kGroup) * 256));
    }
    dispatch.args.insert(dispatch.args.end(), {CountWord(what.rows), what.flags});
    const std::int64_t tile_rows = can_.wide ? sizes_.gemm_rows : 64;
    const std::int64_t tile_columns = can_.wide ? 16 * sizes_.gemm_blocks : 32;
    dispatch.groups = [=, rows = part.rows, kind = what.rows](const gpu::StepCounts& counts) {
      return Groups{CeilDiv(rows, tile_rows), CeilDiv(CountOf(counts, kind), tile_columns), 1};
    };
  }
}

void Lowering::Add(const gpu::MatMulPass& pass) {
  const Matrices what = MatricesOf(pass.op);
  Most(what.rows) == kManyRows ? AddGemm(what) : AddMatvec(what);
}

std::size_t Lowering::BesideEachOther(std::span<const gpu::Pass> passes) const {
  constexpr std::size_t kMost = 3;
  const std::size_t alike = gpu::AlikeMatMuls(passes, kMost);
  if (alike == 1) return 1;
  std::size_t count = 0;
  for (; count < alike; ++count) {
    const MatMul& op = std::get<gpu::MatMulPass>(passes[count].work).op;
    if (Most(op.rows) == kManyRows || tensors_.At(op.weight).parts.size() != 1) break;
  }
  return std::max<std::size_t>(count, 1);
}

void Lowering::AddBeside(std::span<const gpu::Pass> passes) {
  std::vector<Matrices> all;
  for (const gpu::Pass& pass : passes) {
    all.push_back(MatricesOf(std::get<gpu::MatMulPass>(pass.work).op));
  }
  AddMatvecs(all);
}

bool Lowering::PacksRowsOf(const RmsNorm& norm, const gpu::Pass& pass) const {
  const auto* one = std::get_if<gpu::MatMulPass>(&pass.work);
  const auto* gated = std::get_if<gpu::GatedMatMulPass>(&pass.work);
  if (!can_.wide || !can_.builtin || norm.groups != 1 || (one == nullptr && gated == nullptr)) {
    return false;
  }
  const Matrices what = MatricesOf(one != nullptr ? one->op : gated->gate);
  return what.in == norm.out && what.rows == norm.rows && what.in_width == norm.width &&
         what.Quantized() && Most(what.rows) != kManyRows;
}

void Lowering::AddNormRows(const RmsNorm& op) {
  packed_ = Packed{op.out, true, kMostMatvecRows};
  Dispatch& dispatch = New("pack", "-DQUANTIZED=1", "norm_rows", 1);
  dispatch.args.insert(
      dispatch.args.end(),
      {At(op.in), At(op.weight), At(op.out), buffers_.packed, U(op.width),
       U(PackedRowsScalesAt(op.width, kMostMatvecRows)), CountWord(op.rows), op.eps});
  dispatch.groups = [kind = op.rows](const gpu::StepCounts& counts) {
    return Groups{CeilDiv(CountOf(counts, kind), 1), 1, 1};
  };
}

void Lowering::Add(const gpu::GatedMatMulPass& pass) {
  if (rows_.tokens == kManyRows) {
    Add(gpu::MatMulPass{pass.gate, {}});
    Add(gpu::MatMulPass{pass.up, {}});
    Add(GatedMul{pass.gate.out, pass.up.out, pass.out, pass.gate.out_width, 1});
    return;
  }
  AddMatvec({.in = pass.gate.in,
             .weight = pass.gate.weight,
             .weight2 = pass.up.weight,
             .out = pass.out,
             .format = pass.gate.format,
             .in_width = pass.gate.in_width,
             .out_width = pass.gate.out_width});
}

void Lowering::Add(const ExpertMatMul& op) {
  AddMatvec({.in = op.in,
             .weight = op.weight,
             .out = op.out,
             .ids = op.ids,
             .format = op.format,
             .in_width = op.in_width,
             .out_width = op.out_width,
             .used = op.used,
             .shared_input = op.shared_input});
}

void Lowering::Add(const gpu::GatedExpertsPass& pass) {
  AddMatvec({.in = pass.gate.in,
             .weight = pass.gate.weight,
             .weight2 = pass.up.weight,
             .out = pass.out,
             .ids = pass.gate.ids,
             .format = pass.gate.format,
             .in_width = pass.gate.in_width,
             .out_width = pass.gate.out_width,
             .used = pass.gate.used,
             .shared_input = pass.gate.shared_input});
}

void Lowering::Add(const Embed& op) {
  const Tensor& table = tensors_.At(op.table);
  for (std::size_t i = 0; i < table.parts.size(); ++i) {
    const gpu::MatrixPart& part = table.layout.parts[i];
    Dispatch& dispatch = New("embed", FormatDefine(op.format), "embed", Items(4, 32));
    dispatch.args.insert(dispatch.args.end(),
                         {table.parts[i].get(), At(op.out), U(op.width), U(part.first_row),
                          U(part.rows), WordOf(part, 1), WordOf(part, 2), WordOf(part, 3)});
    const std::int64_t each = gpu::kGroup * static_cast<std::int64_t>(dispatch.items);
    dispatch.groups = [=, width = op.width](const gpu::StepCounts& counts) {
      return Groups{CeilDiv(width, each), CeilDiv(counts.tokens, 1), 1};
    };
  }
}

}  // namespace inferometer::opencl
