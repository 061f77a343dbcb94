// Matrices times few columns, many columns and chosen experts; tables looked up.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "backends/vulkan/lower.h"
#include "backends/vulkan/shaders/interface.h"

namespace inferometer::vulkan {
namespace {

std::uint32_t U(std::int64_t value) { return static_cast<std::uint32_t>(value); }
std::uint32_t CeilDiv(std::int64_t value, std::int64_t by) { return U((value + by - 1) / by); }

constexpr std::int64_t kGemmRows = 64, kGemmColumns = 32;  // of a workgroup of gemm.comp
constexpr std::uint32_t kGemmThreads = 64;
constexpr std::int64_t kRowsEach = 2;  // of a workgroup of matvec.comp
// Of lanes.comp: rows of a lane, 8 of a matrix so tall that 64 threads find work; the columns that
// it takes of many. Taller and wider tiles load and decode less, and their sums find no registers.
constexpr std::int64_t kLanes = 8, kLaneRows = 4, kTallLaneRows = 8, kTallRows = 4096;
constexpr std::int64_t kLaneColumns = 16;
constexpr std::uint32_t kMostGroups = 32768;  // in x, before z goes on

// Weights that formats.glsl unpacks at once.
std::int64_t UnitOf(QuantId format) {
  switch (format) {
    case QuantId::kF32:
      return 4;
    case QuantId::kF16:
    case QuantId::kBF16:
      return 8;
    default:
      return gpu::kGroup;
  }
}

// Whether columns of this width are multiplied in int8.
bool InCodes(const Capabilities& can, QuantId format, std::int64_t in_width) {
  return can.dot_accelerated && in_width % gpu::kGroup == 0 &&
         FindShader(fmt::format("matvec_dot.{}.shared", FormatOf(format).name)) != nullptr;
}

std::uint32_t WordOf(const gpu::MatrixPart& part, std::size_t plane) {
  return U(static_cast<std::int64_t>(part.plane_bytes[plane] / 4));
}

// `blocks` workgroups in x, and in z what x does not hold.
Groups Wrapped(std::int64_t blocks, std::int64_t columns) {
  return {std::min(U(blocks), kMostGroups), U(columns), CeilDiv(blocks, kMostGroups)};
}

// The smallest range that holds both, where they lie in one buffer.
std::optional<Range> Both(const Range& a, const Range& b) {
  if (a.buffer != b.buffer) return std::nullopt;
  const std::uint64_t begin = std::min(a.offset, b.offset);
  const std::uint64_t end = std::max(a.offset + a.bytes, b.offset + b.bytes);
  return Range{a.buffer, begin, end - begin};
}

// Whether nothing but room to align stands between two results, so that binding both as one shows a
// shader no third.
bool SideBySide(const Range& a, const Range& b) {
  constexpr std::uint64_t kRoom = 256;
  return b.offset >= a.offset + a.bytes && b.offset < a.offset + a.bytes + kRoom;
}

// What lanes.comp reads of its bindings by gathering.
std::vector<Texels> TexelsOf(std::span<const Range> bindings) {
  constexpr VkFormat kWords = VK_FORMAT_R32_UINT, kVectors = VK_FORMAT_R32G32B32A32_UINT,
                     kFloats = VK_FORMAT_R32G32B32A32_SFLOAT;
  std::vector<Texels> texels(LANES_TEXELS);
  texels[LANES_WEIGHT - MATMUL_BINDINGS] = {bindings[BIND_WEIGHT], kVectors};
  texels[LANES_WEIGHT_WORDS - MATMUL_BINDINGS] = {bindings[BIND_WEIGHT], kWords};
  texels[LANES_WEIGHT2 - MATMUL_BINDINGS] = {bindings[BIND_WEIGHT2], kVectors};
  texels[LANES_WEIGHT2_WORDS - MATMUL_BINDINGS] = {bindings[BIND_WEIGHT2], kWords};
  texels[LANES_IN - MATMUL_BINDINGS] = {bindings[BIND_IN], kFloats};
  texels[LANES_NORM - MATMUL_BINDINGS] = {bindings[BIND_NORM], kFloats};
  return texels;
}

}  // namespace

// One matrix and where its result goes.
struct Lowering::Matrix {
  TensorId weight, bias = kNoTensor, out;
  std::int64_t out_width;
};

// What the passes around matrices have in common. Several matrices: each is of one part, and their
// weights, biases and results lie in ranges that can be bound.
struct Lowering::Matrices {
  TensorId in, weight2 = kNoTensor, ids = kNoTensor;
  std::vector<Matrix> matrices;
  QuantId format;
  std::int64_t in_width;
  gpu::NormOnTheWay norm = {};
  std::uint32_t flags = 0;
  Rows rows = Rows::kTokens;
  std::int64_t used = 0;  // experts of a token; 0: none
  bool shared_input = false;
};

// A shader for matrices with its constants, and the rows and columns that a workgroup takes.
struct Lowering::Kernel {
  std::string shader;
  std::uint32_t threads;
  std::vector<std::uint32_t> constants;
  std::int64_t rows, columns;
  bool dot = false;    // the columns are int8
  bool lanes = false;  // texels are bound
};

Lowering::Kernel Lowering::KernelFor(const Matrices& what) const {
  const bool aligned = what.in_width % UnitOf(what.format) == 0;
  const std::int64_t most = what.rows == Rows::kTokens ? rows_.tokens : rows_.outputs;
  const std::string format(FormatOf(what.format).name);
  const bool experts = what.used > 0, gated = what.weight2 != kNoTensor;
  const bool norm = what.norm.weight != kNoTensor;
  const bool many = !experts && !gated && !norm && most == kManyRows;
  const auto count = static_cast<std::uint32_t>(what.matrices.size());
  if (many && can_.matrix && what.format != QuantId::kF32) {
    const MatrixUnit& unit = can_.matrix_unit;
    const MatrixTile tile = TileOf(unit, can_.most_invocations);
    return {.shader = "gemm_matrix." + format,
            .threads = tile.Threads(unit),
            .constants = {unit.m, unit.n, aligned, count, unit.k, tile.row_fragments,
                          tile.column_fragments, tile.subgroup_rows, tile.subgroup_columns},
            .rows = tile.Rows(unit),
            .columns = tile.Columns(unit)};
  }
  const bool dot = InCodes(can_, what.format, what.in_width);
  const bool lanes = can_.lanes && !dot;
  if (many && !lanes) {
    return {.shader = (dot ? "gemm_dot." : "gemm.") + format,
            .threads = kGemmThreads,
            .constants = {0, 0, aligned, count},
            .rows = kGemmRows,
            .columns = kGemmColumns,
            .dot = dot};
  }
  const std::int64_t columns = experts ? 1 : most == kManyRows ? (lanes ? kLaneColumns : 1) : most;
  const std::uint32_t mode = !experts ? 0u : what.shared_input ? 1u : 2u;
  const bool tall = columns == 1 && what.matrices.front().out_width >= kTallRows && !gated;
  const std::int64_t lane_rows = tall ? kTallLaneRows : kLaneRows;
  return {.shader = lanes ? "lanes." + format : Reduced((dot ? "matvec_dot." : "matvec.") + format),
          .threads = lanes ? U(kLanes) : can_.workgroup,
          .constants = {U(lanes ? lane_rows : kRowsEach), U(columns), aligned, count, norm && !dot,
                        gated, mode},
          .rows = lanes ? kLanes * lane_rows : kRowsEach,
          .columns = columns,
          .dot = dot,
          .lanes = lanes};
}

void Lowering::AddMatrices(const Matrices& what) {
  const Matrix& first = what.matrices.front();
  const Tensor& weight = tensors_.At(first.weight);
  const bool experts = what.used > 0, gated = what.weight2 != kNoTensor;
  const Kernel kernel = KernelFor(what);
  const bool norm = what.norm.weight != kNoTensor && !kernel.dot;
  if (kernel.dot) Quantize(what);
  for (std::size_t i = 0; i < weight.parts.size(); ++i) {
    const gpu::MatrixPart& part = weight.layout.parts[i];
    Dispatch& dispatch = New(kernel.shader, kernel.threads, kernel.constants, MATMUL_BINDINGS);
    if (gated) {
      const Slice& second = tensors_.At(what.weight2).parts[i];
      dispatch.bindings[BIND_WEIGHT2] = {second.buffer, second.offset, second.bytes};
    }
    dispatch.bindings[BIND_IN] = kernel.dot ? buffers_.quantized : At(what.in);
    if (kernel.dot) dispatch.touches.push_back({ResourceOf(Scratch::kQuantized), Access::kRead});
    dispatch.bindings[BIND_NORM] = norm ? At(what.norm.weight) : Range{};
    dispatch.bindings[BIND_IDS] = At(what.ids);
    MatMulPush push{};
    std::int64_t blocks = 0;
    Range weights = PartOf(first.weight, i), outs = At(first.out), biases = At(first.bias);
    for (const Matrix& matrix : what.matrices) {
      weights = *Both(weights, PartOf(matrix.weight, i));
      outs = *Both(outs, At(matrix.out));
      biases = *Both(biases, At(matrix.bias));
    }
    for (std::size_t m = 0; m < what.matrices.size(); ++m) {
      const Matrix& matrix = what.matrices[m];
      const gpu::MatrixPart& its = tensors_.At(matrix.weight).layout.parts[i];
      const auto words_at = U((PartOf(matrix.weight, i).offset - weights.offset) / 4);
      const auto first_row = experts ? 0u : U(its.first_row);
      MatrixPush& to = push.matrices[m];
      to.rows = U(experts ? matrix.out_width : its.rows);
      to.quants_at = words_at / 4;
      to.high_at = words_at + WordOf(its, 1);
      to.scales_at = words_at + WordOf(its, 2);
      to.fine_at = words_at + WordOf(its, 3);
      to.out_at = U((At(matrix.out).offset - outs.offset) / 4) + first_row;
      to.bias_at = U((At(matrix.bias).offset - biases.offset) / 4) + first_row;
      to.out_width = U(matrix.out_width);
      blocks += (to.rows + kernel.rows - 1) / kernel.rows;
    }
    dispatch.bindings[BIND_WEIGHT] = weights;
    dispatch.bindings[BIND_OUT] = outs;
    dispatch.bindings[BIND_BIAS] = biases;
    if (kernel.lanes) dispatch.texels = TexelsOf(dispatch.bindings);
    push.in_width = U(what.in_width);
    push.count_word = CountWord(what.rows);
    push.flags = what.flags | (first.bias != kNoTensor ? FLAG_BIAS : 0u);
    push.wrap = kMostGroups;
    push.eps = what.norm.eps;
    push.experts_used = U(std::max<std::int64_t>(what.used, 1));
    push.first_expert = U(part.first_row / first.out_width);
    push.experts = U(part.rows / first.out_width);
    SetPush(dispatch, push);
    dispatch.groups = [blocks, kind = what.rows, wide = kernel.columns,
                       times =
                           std::max<std::int64_t>(what.used, 1)](const gpu::StepCounts& counts) {
      return Wrapped(blocks, (CountOf(counts, kind) * times + wide - 1) / wide);
    };
  }
}

void Lowering::Quantize(const Matrices& what) {
  const Quantized wanted = {what.in, what.norm.weight, what.norm.eps};
  if (quantized_ == wanted) return;
  quantized_ = wanted;
  const bool norm = what.norm.weight != kNoTensor;
  const std::uint32_t threads = std::max(can_.workgroup, 64u);
  Dispatch& dispatch = New(Reduced("quantize"), threads, {norm}, QUANTIZE_BINDINGS);
  dispatch.ops = 0;  // it prepares
  dispatch.bindings[QUANTIZE_IN] = At(what.in);
  dispatch.bindings[QUANTIZE_NORM] = At(what.norm.weight);
  dispatch.bindings[QUANTIZE_OUT] = buffers_.quantized;
  dispatch.touches = {{static_cast<std::uint32_t>(what.in), Access::kRead},
                      {ResourceOf(Scratch::kQuantized), Access::kWrite}};
  if (norm) {
    dispatch.touches.push_back({static_cast<std::uint32_t>(what.norm.weight), Access::kRead});
  }
  SetPush(dispatch, QuantizePush{U(what.in_width), what.norm.eps});
  const std::uint32_t each = norm ? 1 : CeilDiv(what.in_width / gpu::kGroup, threads);
  const std::int64_t times = what.shared_input ? 1 : std::max<std::int64_t>(what.used, 1);
  dispatch.groups = [each, times, rows = what.rows](const gpu::StepCounts& counts) {
    return Groups{U(CountOf(counts, rows) * times), each, 1};
  };
}

std::uint64_t QuantizedBytes(const Capabilities& can, const Op& op, std::int64_t tokens,
                             std::int64_t outputs) {
  std::int64_t width = 0, columns = 0;
  if (const auto* m = std::get_if<MatMul>(&op); m && InCodes(can, m->format, m->in_width)) {
    width = m->in_width;
    columns = m->rows == Rows::kTokens ? tokens : outputs;
  } else if (const auto* e = std::get_if<ExpertMatMul>(&op);
             e && InCodes(can, e->format, e->in_width)) {
    width = e->in_width;
    columns = tokens * (e->shared_input ? 1 : e->used);
  }
  return static_cast<std::uint64_t>(columns * (width / gpu::kGroup) * 4 * QUANTIZED_WORDS);
}

Range Lowering::PartOf(TensorId weight, std::size_t part) const {
  const Slice& slice = tensors_.At(weight).parts[part];
  return {slice.buffer, slice.offset, slice.bytes};
}

std::size_t Lowering::Stackable(std::span<const gpu::Pass> passes) const {
  const std::size_t alike = gpu::AlikeMatMuls(passes, MOST_MATRICES);
  if (alike == 1) return 1;
  const auto op_of = [&passes](std::size_t i) -> const MatMul& {
    return std::get<gpu::MatMulPass>(passes[i].work).op;
  };
  const bool biased = op_of(0).bias != kNoTensor;
  const auto stacks = [this, biased](const MatMul& op) {
    return tensors_.At(op.weight).parts.size() == 1 && !op.accumulate &&
           (op.bias != kNoTensor) == biased;
  };
  if (!stacks(op_of(0))) return 1;
  Range weights = PartOf(op_of(0).weight, 0), biases = At(op_of(0).bias), out = At(op_of(0).out);
  std::size_t count = 1;
  for (; count < alike && stacks(op_of(count)); ++count) {
    const MatMul& op = op_of(count);
    const auto all_weights = Both(weights, PartOf(op.weight, 0)),
               all_biases = Both(biases, At(op.bias)), both_outs = Both(out, At(op.out));
    if (!all_weights || !all_biases || !both_outs || !SideBySide(out, At(op.out)) ||
        std::max(all_weights->bytes, all_biases->bytes) > can_.most_range) {
      break;
    }
    weights = *all_weights;
    biases = *all_biases;
    out = At(op.out);
  }
  return count;
}

void Lowering::AddMatMuls(std::span<const gpu::MatMulPass> passes) {
  const gpu::MatMulPass& first = passes.front();
  Matrices all = {.in = first.op.in,
                  .matrices = {},
                  .format = first.op.format,
                  .in_width = first.op.in_width,
                  .norm = first.norm,
                  .flags = first.op.accumulate ? FLAG_ACCUMULATE : 0u,
                  .rows = first.op.rows};
  for (const gpu::MatMulPass& pass : passes) {
    all.matrices.push_back({pass.op.weight, pass.op.bias, pass.op.out, pass.op.out_width});
  }
  AddMatrices(all);
}

void Lowering::Add(const gpu::GatedMatMulPass& pass) {
  AddMatrices({.in = pass.gate.in,
               .weight2 = pass.up.weight,
               .matrices = {{pass.gate.weight, kNoTensor, pass.out, pass.gate.out_width}},
               .format = pass.gate.format,
               .in_width = pass.gate.in_width,
               .norm = pass.norm});
}

void Lowering::Add(const ExpertMatMul& op) {
  AddMatrices({.in = op.in,
               .ids = op.ids,
               .matrices = {{op.weight, kNoTensor, op.out, op.out_width}},
               .format = op.format,
               .in_width = op.in_width,
               .used = op.used,
               .shared_input = op.shared_input});
}

void Lowering::Add(const gpu::GatedExpertsPass& pass) {
  AddMatrices({.in = pass.gate.in,
               .weight2 = pass.up.weight,
               .ids = pass.gate.ids,
               .matrices = {{pass.gate.weight, kNoTensor, pass.out, pass.gate.out_width}},
               .format = pass.gate.format,
               .in_width = pass.gate.in_width,
               .used = pass.gate.used,
               .shared_input = pass.gate.shared_input});
}

void Lowering::Add(const Embed& op) {
  const Tensor& table = tensors_.At(op.table);
  for (std::size_t i = 0; i < table.parts.size(); ++i) {
    const gpu::MatrixPart& part = table.layout.parts[i];
    Dispatch& dispatch =
        New(fmt::format("embed.{}", FormatOf(op.format).name), 64, {}, EMBED_BINDINGS);
    const Slice& slice = table.parts[i];
    dispatch.bindings[EMBED_TABLE] = {slice.buffer, slice.offset, slice.bytes};
    dispatch.bindings[EMBED_OUT] = At(op.out);
    SetPush(dispatch, EmbedPush{U(op.width), U(part.first_row), U(part.rows), WordOf(part, 1),
                                WordOf(part, 2), WordOf(part, 3), U(table.layout.together)});
    dispatch.groups = [](const gpu::StepCounts& counts) { return Groups{U(counts.tokens), 1, 1}; };
  }
}

}  // namespace inferometer::vulkan
