// Batches of sequences that are one token further each: the same results as each alone, and work
// that is shared out as one batch.
#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "backends/cpu/cpu.h"
#include "harness/base/nmse.h"
#include "harness/base/random.h"
#include "harness/runner/conformance.h"
#include "tests/backends/cpu/recording.h"
#include "tests/models/tiny_shapes.h"

namespace inferometer::cpu {
namespace {

std::vector<std::int32_t> Ids(std::int32_t vocab, int count, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::int32_t> ids;
  for (int i = 0; i < count; ++i) {
    ids.push_back(static_cast<std::int32_t>(random.Below(static_cast<std::uint64_t>(vocab))));
  }
  return ids;
}

// Positions that each of a batch's sequences has behind it: one deep enough to be split, others
// around the edges of blocks.
constexpr int kDepths[] = {17, 300, 0, 1, 15, 16, 31, 32, 33, 63, 64, 65, 2, 9, 128, 5};

class Batches : public testing::TestWithParam<std::tuple<int, std::string, QuantId>> {};

TEST_P(Batches, GiveEachSequenceWhatTheReferenceGivesItAlone) {
  const auto& [batch, quant, kv_format] = GetParam();
  const ModelShape shape = TinyShapes().back();
  const Model model = SynthesizeModel(shape, quant, 1);
  ModelOracle oracle(model);
  std::vector<std::vector<std::int32_t>> ids;
  for (int i = 0; i < batch; ++i) {
    ids.push_back(Ids(static_cast<std::int32_t>(shape.vocab), kDepths[i] + 2,
                      static_cast<std::uint64_t>(i) + 1));
  }
  for (const InstructionSet& set : InstructionSets()) {
    if (!set.runs_on(ReadCpuFeatures())) continue;
    const auto device = OpenDevice(*set.kernels, {.threads = 3});
    Session session(*device, model, {304, 304, batch, batch, kv_format});
    for (int i = 0; i < batch; ++i) {
      const auto prompt =
          std::span(ids[static_cast<std::size_t>(i)]).first(static_cast<std::size_t>(kDepths[i]));
      if (!prompt.empty()) session.Prefill(prompt, 0, i);
    }
    for (int step = 0; step < 2; ++step) {  // the second one reads what the first appended
      std::vector<TokenAt> tokens;
      for (int i = 0; i < batch; ++i) {
        const int position = kDepths[i] + step;
        tokens.push_back({ids[static_cast<std::size_t>(i)][static_cast<std::size_t>(position)],
                          position, i, true});
      }
      session.Run(tokens);
      for (int i = 0; i < batch; ++i) {
        const std::vector<float>& both =
            oracle.Logits(ids[static_cast<std::size_t>(i)], 2, kv_format);
        const auto want = std::span(both).subspan(static_cast<std::size_t>(shape.vocab * step),
                                                  static_cast<std::size_t>(shape.vocab));
        const std::vector<float> got = session.Logits(static_cast<std::size_t>(i));
        EXPECT_LE(Nmse(want, got), LogitLimit(model, kv_format))
            << device->Info().id << ", sequence " << i << " of " << batch << ", step " << step;
        EXPECT_EQ(session.Greedy(static_cast<std::size_t>(i)),
                  std::max_element(got.begin(), got.end()) - got.begin());
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Batches,
                         testing::Combine(testing::Values(1, 2, 3, 16),
                                          testing::Values("f16", "q8_0"),
                                          testing::Values(QuantId::kF16, QuantId::kQ8_0)),
                         [](const auto& p) {
                           return std::to_string(std::get<0>(p.param)) + "_" +
                                  std::get<1>(p.param) + "_" +
                                  std::string(FormatOf(std::get<2>(p.param)).name);
                         });

std::vector<TokenAt> OneEach(const std::vector<std::int32_t>& depths) {
  std::vector<TokenAt> tokens;
  for (std::size_t i = 0; i < depths.size(); ++i) {
    tokens.push_back({0, depths[i], static_cast<std::int32_t>(i), true});
  }
  return tokens;
}

TEST(Batches, RunEachMatMulAsOneOfAllColumns) {
  const KernelSet kernels = Recording();
  const auto device = OpenDevice(kernels, {.threads = 2});
  const TensorId weight =
      device->Upload({"w", TensorRole::kMatrix, QuantId::kQ8_0, {64, 200, 1, 1}}, {});
  const TensorId in =
      device->Upload({"in", TensorRole::kActivation, QuantId::kF32, {64, 16, 1, 1}}, {});
  const TensorId out =
      device->Upload({"out", TensorRole::kActivation, QuantId::kF32, {200, 16, 1, 1}}, {});
  MatMul op{.format = QuantId::kQ8_0, .in_width = 64, .out_width = 200};
  op.in = in, op.weight = weight, op.out = out;
  const Op ops[] = {op};
  const auto plan = device->Prepare(ops);
  for (const int batch : {2, 3, 16}) {
    Records().matmuls.clear();
    plan->Run({OneEach(std::vector<std::int32_t>(static_cast<std::size_t>(batch), 0))});
    std::int64_t groups = 0;
    for (const MatMulArgs& args : Records().matmuls) {
      EXPECT_EQ(args.column_begin, 0);
      EXPECT_EQ(args.column_end, batch) << "weights would be read again for other columns";
      groups += args.group_end - args.group_begin;
    }
    EXPECT_EQ(groups, 200 / 8) << "each group of 8 rows once";
  }
}

TEST(Batches, ShareAttentionOutOverSequencesHeadsAndContext) {
  constexpr std::int64_t kHeadDim = 16, kKvHeads = 2, kPositions = 3000;
  const KernelSet kernels = Recording();
  const auto device = OpenDevice(kernels, {.threads = 2});
  TensorDesc cache{"k", TensorRole::kKeyCache, QuantId::kF16, {kHeadDim, kKvHeads, kPositions, 16}};
  const TensorId k = device->Upload(cache, {});
  cache.role = TensorRole::kValueCache;
  const TensorId v = device->Upload(cache, {});
  const TensorDesc rows{"q", TensorRole::kActivation, QuantId::kF32, {4 * kHeadDim, 16, 1, 1}};
  const TensorId q = device->Upload(rows, {}), out = device->Upload(rows, {});
  const Op ops[] = {
      Attention{q, k, v, out, QuantId::kF16, 2 * kKvHeads, kKvHeads, kHeadDim, 0.25f}};
  const auto plan = device->Prepare(ops);

  std::vector<std::int32_t> depths = {7, 2999, 100, 16};
  Records().attentions.clear();
  plan->Run({OneEach(depths)});
  std::int64_t positions = 0, deepest = 0;
  for (const AttentionArgs& args : Records().attentions) {
    EXPECT_EQ(args.rows, 2) << "both heads of a group share a pass over its kv head";
    positions += args.end - args.begin;
    deepest = std::max(deepest, args.end - args.begin);
  }
  EXPECT_EQ(positions, kKvHeads * (8 + 3000 + 101 + 17)) << "every position of a head once";
  EXPECT_LE(deepest, 1024) << "the deep sequence is split, though heads alone give 8 units";
}

}  // namespace
}  // namespace inferometer::cpu
