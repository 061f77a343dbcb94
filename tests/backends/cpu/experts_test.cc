// Mixtures of experts: which weights a step reads, and how often, by counting what kernels were
// asked.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "harness/base/random.h"
#include "models/cost.h"
#include "tests/backends/cpu/recording.h"

namespace inferometer::cpu {
namespace {

constexpr std::int64_t kIn = 64, kOut = 200, kExperts = 16, kUsed = 4, kMostTokens = 300;
constexpr int kThreads = 2;

class Experts : public testing::Test {
 protected:
  Experts() : kernels_(Recording()), device_(OpenDevice(kernels_, {.threads = kThreads})) {
    const auto upload = [this](TensorRole role, QuantId format, std::int64_t width,
                               std::int64_t rows, std::int64_t planes) {
      return device_->Upload({"t", role, format, {width, rows, planes, 1}}, {});
    };
    op_ = {.format = QuantId::kQ8_0,
           .in_width = kIn,
           .out_width = kOut,
           .experts = kExperts,
           .used = kUsed,
           .shared_input = true};
    op_.in = upload(TensorRole::kActivation, QuantId::kF32, kIn, kMostTokens, 1);
    op_.weight = upload(TensorRole::kMatrix, QuantId::kQ8_0, kIn, kOut, kExperts);
    op_.ids = upload(TensorRole::kIndex, QuantId::kF32, kUsed, kMostTokens, 1);
    op_.out = upload(TensorRole::kActivation, QuantId::kF32, kUsed * kOut, kMostTokens, 1);
    const Op ops[] = {op_};
    plan_ = device_->Prepare(ops);
  }

  // Runs a step of tokens with these experts, `kUsed` of each token, and returns it.
  void Run(std::span<const std::int32_t> ids) {
    device_->Write(op_.ids, std::as_bytes(ids));
    tokens_.assign(ids.size() / kUsed, {});
    for (std::size_t t = 0; t < tokens_.size(); ++t) {
      tokens_[t].position = static_cast<std::int32_t>(t);
    }
    Records().matmuls.clear();
    plan_->Run({tokens_});
  }
  // Bytes of weights that the kernels went through.
  static std::int64_t BytesRead() {
    std::int64_t bytes = 0;
    for (const MatMulArgs& args : Records().matmuls) {
      bytes += (args.group_end - args.group_begin) * args.group_bytes;
    }
    return bytes;
  }

  const KernelSet kernels_;
  const std::unique_ptr<Device> device_;
  ExpertMatMul op_;
  std::unique_ptr<Plan> plan_;
  std::vector<TokenAt> tokens_;
};

TEST_F(Experts, ATokenReadsTheChosenOnesOnceAsCostOfSays) {
  const std::int32_t ids[] = {3, 15, 0, 7};
  Run(ids);
  EXPECT_EQ(static_cast<double>(BytesRead()), CostOf(Op(op_), {tokens_}).bytes);
  std::set<const std::uint8_t*> planes;
  for (const MatMulArgs& args : Records().matmuls) {
    planes.insert(args.weights);
    EXPECT_EQ(args.column_end - args.column_begin, 1);
  }
  EXPECT_EQ(planes.size(), 4u);
}

TEST_F(Experts, APromptReadsEachExpertOnceForAllItsTokens) {
  Random random(3);
  std::vector<std::int32_t> ids;
  for (std::int64_t token = 0; token < kMostTokens; ++token) {
    std::set<std::int32_t> chosen;
    while (chosen.size() < kUsed) {
      chosen.insert(static_cast<std::int32_t>(random.Below(kExperts)));
    }
    ids.insert(ids.end(), chosen.begin(), chosen.end());
  }
  Run(ids);
  EXPECT_EQ(static_cast<double>(BytesRead()), CostOf(Op(op_), {tokens_}).bytes)
      << "of 300 tokens all experts have some";
  std::map<const std::uint8_t*, std::int64_t> columns;  // by plane: of its first rows
  std::int64_t products = 0;
  for (const MatMulArgs& args : Records().matmuls) {
    const std::int64_t count = args.column_end - args.column_begin;
    products += count * (args.group_end - args.group_begin);
    if (args.group_begin == 0) columns[args.weights] += count;
    for (std::int64_t c = args.column_begin; c < args.column_end; ++c) {
      EXPECT_EQ(args.in_rows[c], args.out_rows[c] / kUsed);
    }
  }
  EXPECT_EQ(columns.size(), static_cast<std::size_t>(kExperts));
  std::vector<std::int64_t> want(kExperts), got;
  for (const std::int32_t id : ids) ++want[static_cast<std::size_t>(id)];
  for (const auto& [plane, count] : columns) got.push_back(count);
  EXPECT_EQ(got, want) << "planes stand in the order of experts";
  EXPECT_EQ(products, kMostTokens * kUsed * kOut / kernels_.rows);
}

TEST_F(Experts, AllTokensMayChooseTheSame) {
  std::vector<std::int32_t> ids;
  for (int token = 0; token < 40; ++token) ids.insert(ids.end(), {9, 1, 5, 15});
  Run(ids);
  EXPECT_EQ(BytesRead(), 4 * kOut * kIn / 32 * 34);
  for (const MatMulArgs& args : Records().matmuls) {
    EXPECT_EQ(args.column_end - args.column_begin, 40) << "as one tile after the other";
  }
}

}  // namespace
}  // namespace inferometer::cpu
