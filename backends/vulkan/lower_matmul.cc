// Matrices times few columns, many columns and chosen experts; tables looked up.
#include <fmt/format.h>

#include <algorithm>

#include "backends/vulkan/lower.h"
#include "backends/vulkan/shaders/interface.h"

namespace inferometer::vulkan {
namespace {

std::uint32_t U(std::int64_t value) { return static_cast<std::uint32_t>(value); }
std::uint32_t CeilDiv(std::int64_t value, std::int64_t by) { return U((value + by - 1) / by); }

constexpr std::int64_t kGemmRows = 64, kGemmColumns = 32;  // of a workgroup of gemm.comp
constexpr std::uint32_t kGemmThreads = 64;
constexpr std::int64_t kRowsEach = 2;  // of a workgroup of matvec.comp
// Of a lane of lanes.comp, its workgroups, and the columns that it takes of many.
constexpr std::int64_t kLaneRows = 4, kLanes = 8, kLaneColumns = 8;
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

std::uint32_t WordOf(const gpu::MatrixPart& part, std::size_t plane) {
  return U(static_cast<std::int64_t>(part.plane_bytes[plane] / 4));
}

// `blocks` workgroups in x, and in z what x does not hold.
Groups Wrapped(std::int64_t blocks, std::int64_t columns) {
  return {std::min(U(blocks), kMostGroups), U(columns), CeilDiv(blocks, kMostGroups)};
}

}  // namespace

// What the passes around matrices have in common.
struct Lowering::Matrices {
  TensorId in, weight, weight2 = kNoTensor, bias = kNoTensor, out, ids = kNoTensor;
  QuantId format;
  std::int64_t in_width, out_width;
  gpu::NormOnTheWay norm = {};
  std::uint32_t flags = 0;
  Rows rows = Rows::kTokens;
  std::int64_t used = 0;  // experts of a token; 0: none
  bool shared_input = false;
};

void Lowering::AddMatrices(const Matrices& what) {
  const Tensor& weight = tensors_.At(what.weight);
  const bool aligned = what.in_width % UnitOf(what.format) == 0;
  const std::int64_t most = what.rows == Rows::kTokens ? rows_.tokens : rows_.outputs;
  const std::string format(FormatOf(what.format).name);
  const bool experts = what.used > 0, gated = what.weight2 != kNoTensor;
  const bool many = !experts && !gated && what.norm.weight == kNoTensor && most == kManyRows;
  const bool lanes = can_.lanes, tiles = many && !lanes;
  const std::int64_t columns = experts ? 1 : most == kManyRows ? (lanes ? kLaneColumns : 1) : most;
  const std::int64_t each = tiles ? kGemmRows : lanes ? kLanes * kLaneRows : kRowsEach;
  const std::int64_t wide = tiles ? kGemmColumns : columns;
  const std::uint32_t mode = !experts ? 0u : what.shared_input ? 1u : 2u;
  const std::vector<std::uint32_t> constants = {
      U(lanes ? kLaneRows : kRowsEach), U(columns), aligned,
      what.norm.weight != kNoTensor,    gated,      mode};
  for (std::size_t i = 0; i < weight.parts.size(); ++i) {
    const gpu::MatrixPart& part = weight.layout.parts[i];
    Dispatch& dispatch =
        tiles   ? New("gemm." + format, kGemmThreads, {0, 0, aligned}, MATMUL_BINDINGS)
        : lanes ? New("lanes." + format, U(kLanes), constants, MATMUL_BINDINGS)
                : New(Reduced("matvec." + format), can_.workgroup, constants, MATMUL_BINDINGS);
    const Slice& slice = weight.parts[i];
    dispatch.bindings[BIND_WEIGHT] = {slice.buffer, slice.offset, slice.bytes};
    if (gated) {
      const Slice& second = tensors_.At(what.weight2).parts[i];
      dispatch.bindings[BIND_WEIGHT2] = {second.buffer, second.offset, second.bytes};
    }
    dispatch.bindings[BIND_IN] = At(what.in);
    dispatch.bindings[BIND_OUT] = At(what.out);
    dispatch.bindings[BIND_BIAS] = At(what.bias);
    dispatch.bindings[BIND_NORM] = At(what.norm.weight);
    dispatch.bindings[BIND_IDS] = At(what.ids);
    MatMulPush push{};
    push.in_width = U(what.in_width);
    push.rows = U(part.rows);
    push.first_row = U(part.first_row);
    push.out_width = U(what.out_width);
    push.high_at = WordOf(part, 1);
    push.scales_at = WordOf(part, 2);
    push.fine_at = WordOf(part, 3);
    push.count_word = CountWord(what.rows);
    push.flags = what.flags | (what.bias != kNoTensor ? FLAG_BIAS : 0u);
    push.wrap = kMostGroups;
    push.eps = what.norm.eps;
    push.experts_used = U(std::max<std::int64_t>(what.used, 1));
    push.expert_rows = U(what.out_width);
    push.first_expert = U(part.first_row / what.out_width);
    push.experts = U(part.rows / what.out_width);
    SetPush(dispatch, push);
    const std::int64_t rows = experts ? what.out_width : part.rows;
    dispatch.groups = [=, kind = what.rows, times = std::max<std::int64_t>(what.used, 1)](
                          const gpu::StepCounts& counts) {
      return Wrapped((rows + each - 1) / each, (CountOf(counts, kind) * times + wide - 1) / wide);
    };
  }
}

void Lowering::Add(const gpu::MatMulPass& pass) {
  const MatMul& op = pass.op;
  AddMatrices({.in = op.in,
               .weight = op.weight,
               .bias = op.bias,
               .out = op.out,
               .format = op.format,
               .in_width = op.in_width,
               .out_width = op.out_width,
               .norm = pass.norm,
               .flags = op.accumulate ? FLAG_ACCUMULATE : 0u,
               .rows = op.rows});
}

void Lowering::Add(const gpu::GatedMatMulPass& pass) {
  AddMatrices({.in = pass.gate.in,
               .weight = pass.gate.weight,
               .weight2 = pass.up.weight,
               .out = pass.out,
               .format = pass.gate.format,
               .in_width = pass.gate.in_width,
               .out_width = pass.gate.out_width,
               .norm = pass.norm});
}

void Lowering::Add(const ExpertMatMul& op) {
  AddMatrices({.in = op.in,
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
  AddMatrices({.in = pass.gate.in,
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
    Dispatch& dispatch =
        New(fmt::format("embed.{}", FormatOf(op.format).name), 64, {}, EMBED_BINDINGS);
    const Slice& slice = table.parts[i];
    dispatch.bindings[EMBED_TABLE] = {slice.buffer, slice.offset, slice.bytes};
    dispatch.bindings[EMBED_OUT] = At(op.out);
    SetPush(dispatch, EmbedPush{U(op.width), U(part.first_row), U(part.rows), WordOf(part, 1),
                                WordOf(part, 2), WordOf(part, 3)});
    dispatch.groups = [](const gpu::StepCounts& counts) { return Groups{U(counts.tokens), 1, 1}; };
  }
}

}  // namespace inferometer::vulkan
