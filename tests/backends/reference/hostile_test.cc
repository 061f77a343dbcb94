// Ops, steps and sizes that do not fit are refused by name, and nothing is read out of bounds.
#include <gmock/gmock.h>

#include <functional>

#include "harness/base/error.h"
#include "tests/backends/reference/bench.h"

namespace inferometer {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// The message of the Error that `f` throws; empty when it throws none.
std::string MessageOf(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string PrepareMessage(Bench& bench, const Op& op) {
  return MessageOf([&] { bench.device->Prepare(std::span(&op, 1)); });
}

TEST(ReferenceHostile, UploadChecksDimensionsAndData) {
  Bench bench;
  const std::vector<float> three = {1, 2, 3};
  EXPECT_THAT(MessageOf([&] { bench.Floats({2, 1, 1, 1}, three); }),
              AllOf(HasSubstr("floats"), HasSubstr("8 bytes"), HasSubstr("12")));
  EXPECT_THAT(MessageOf([&] { bench.Floats({0, 1, 1, 1}); }), HasSubstr("dimensions"));
  EXPECT_THAT(MessageOf([&] { bench.Floats({-4, -4, 1, 1}); }), HasSubstr("dimensions"));
  const std::int64_t huge = std::int64_t{1} << 40;
  EXPECT_THAT(MessageOf([&] { bench.Floats({huge, huge, huge, huge}); }), HasSubstr("dimensions"));
  EXPECT_THAT(MessageOf([&] { bench.Cache({33, 1, 1, 1}, QuantId::kQ8_0); }), HasSubstr("q8_0"));
}

TEST(ReferenceHostile, ReadAndWriteStayInside) {
  Bench bench;
  const TensorId id = bench.Floats({2, 1, 1, 1}, {1, 2});
  std::vector<float> three(3);
  EXPECT_THAT(MessageOf([&] { bench.device->Read(id, std::as_writable_bytes(std::span(three))); }),
              HasSubstr("12 bytes"));
  EXPECT_THAT(MessageOf([&] { bench.device->Write(id, std::as_bytes(std::span(three))); }),
              HasSubstr("12 bytes"));
  EXPECT_THAT(bench.ReadFloats(id, 1), testing::ElementsAre(1));  // a shorter span: the first
  bench.device->Free(id);
  EXPECT_THAT(MessageOf([&] { bench.ReadFloats(id, 1); }), HasSubstr("freed"));
  EXPECT_THAT(MessageOf([&] { bench.ReadFloats(TensorId{1000}, 1); }), HasSubstr("never uploaded"));
}

TEST(ReferenceHostile, PrepareRefusesOperandsOfOtherSizes) {
  Bench bench;
  const TensorId weight = bench.Floats({4, 2, 1, 1}), in = bench.Floats({4, 1, 1, 1}),
                 out = bench.Floats({2, 1, 1, 1}), ids = bench.Indices({1, 1, 1, 1});
  const MatMul good{.in = in, .weight = weight, .out = out, .in_width = 4, .out_width = 2};
  EXPECT_EQ(PrepareMessage(bench, good), "");
  MatMul op = good;
  op.out_width = 3;
  EXPECT_THAT(PrepareMessage(bench, op), AllOf(HasSubstr("matmul"), HasSubstr("'weight'")));
  op = good, op.weight = kNoTensor;
  EXPECT_THAT(PrepareMessage(bench, op), AllOf(HasSubstr("'weight'"), HasSubstr("missing")));
  op = good, op.in = out;
  EXPECT_THAT(PrepareMessage(bench, op), HasSubstr("'in'"));
  op = good, op.out = ids;
  EXPECT_THAT(PrepareMessage(bench, op), HasSubstr("'out'"));
  op = good, op.bias = in;
  EXPECT_THAT(PrepareMessage(bench, op), HasSubstr("'bias'"));
  op = good, op.format = QuantId::kF16;
  EXPECT_THAT(PrepareMessage(bench, op), HasSubstr("f16"));
  op = good, op.in_width = -4;
  EXPECT_THAT(PrepareMessage(bench, op), HasSubstr("-4"));
  op = good, op.in_width = std::numeric_limits<std::int64_t>::max();
  EXPECT_NE(PrepareMessage(bench, op), "");
}

TEST(ReferenceHostile, PrepareRefusesSenselessHeadsAndExperts) {
  Bench bench;
  const TensorId q = bench.Floats({8, 1, 1, 1}), cache = bench.Cache({4, 2, 3, 1}),
                 other = bench.Cache({4, 2, 3, 1}), longer = bench.Cache({4, 2, 5, 1}),
                 frequencies = bench.Floats({2, 1, 1, 1});
  const Attention good{q, cache, other, q, QuantId::kF32, 2, 2, 4, 1.0f};
  EXPECT_EQ(PrepareMessage(bench, good), "");
  Attention op = good;
  op.heads = 3;
  EXPECT_THAT(PrepareMessage(bench, op), HasSubstr("3 heads"));
  op = good, op.kv_heads = 0;
  EXPECT_NE(PrepareMessage(bench, op), "");
  op = good, op.v_cache = longer;
  EXPECT_THAT(PrepareMessage(bench, op), HasSubstr("v_cache"));
  EXPECT_THAT(PrepareMessage(bench, Rope{q, frequencies, 2, 4, 5, RopeStyle::kHalves}),
              HasSubstr("rope_dim"));
  EXPECT_THAT(PrepareMessage(bench, Rope{q, frequencies, 2, 4, 6, RopeStyle::kHalves}),
              HasSubstr("rope_dim"));
  EXPECT_THAT(PrepareMessage(bench, TopExperts{q, bench.Indices({9, 1, 1, 1}), q, 8, 9}),
              HasSubstr("9 of 8"));
}

TEST(ReferenceHostile, RunRefusesAnExpertThatDoesNotExist) {
  Bench bench;
  const TensorId weight = bench.Floats({1, 1, 2, 1}), in = bench.Floats({1, 1, 1, 1}),
                 out = bench.Floats({1, 1, 1, 1});
  for (const std::int32_t id : {-1, 2}) {
    const TensorId ids = bench.Indices({1, 1, 1, 1}, {id});
    EXPECT_THAT(MessageOf([&] {
                  bench.Run({ExpertMatMul{in, weight, ids, out, QuantId::kF32, 1, 1, 2, 1, true}},
                            Bench::Tokens(1));
                }),
                HasSubstr("expert"));
  }
}

TEST(ReferenceHostile, SyntheticLoadsAreRefusedWithAReason) {
  Bench bench;
  EXPECT_NE(bench.device->WhyNot(LaunchProbe{1}), "");
  EXPECT_THAT(PrepareMessage(bench, ComputeProbe{NumberType::kFp32, 100}), HasSubstr("reference"));
  EXPECT_THAT(
      bench.device->WhyNot(KvAppend{.format = QuantId::kQ4_K, .kv_heads = 1, .head_dim = 64}),
      HasSubstr("q4_k"));
  EXPECT_EQ(bench.device->WhyNot(KvAppend{.format = QuantId::kQ8_0, .kv_heads = 1, .head_dim = 64}),
            "");
}

class HostileStep : public testing::Test {
 protected:
  // Two tokens, one output, a vocabulary of 4, 8 positions, 2 sequences.
  HostileStep() {
    const TensorId table = bench_.Floats({2, 4, 1, 1}), x = bench_.Floats({2, 2, 1, 1}),
                   selected = bench_.Floats({2, 1, 1, 1}), k = bench_.Cache({2, 1, 8, 2}),
                   v = bench_.Cache({2, 1, 8, 2});
    const std::vector<Op> ops = {Embed{table, x, QuantId::kF32, 2, 4},
                                 KvAppend{x, x, k, v, QuantId::kF32, 1, 2},
                                 SelectOutputs{x, selected, 2}};
    plan_ = bench_.device->Prepare(ops);
  }
  std::string Message(const std::vector<TokenAt>& tokens) {
    return MessageOf([&] { plan_->Run({tokens}); });
  }
  Bench bench_;
  std::unique_ptr<Plan> plan_;
};

TEST_F(HostileStep, IsRefusedByName) {
  EXPECT_EQ(Message({{3, 6, 1, false}, {0, 7, 1, true}}), "");
  EXPECT_THAT(Message({}), HasSubstr("0 tokens"));
  EXPECT_THAT(Message({{0, 0, 0}, {0, 1, 0}, {0, 2, 0}}), HasSubstr("3 tokens"));
  EXPECT_THAT(Message({{4, 0, 0}}), HasSubstr("id 4"));
  EXPECT_THAT(Message({{-1, 0, 0}}), HasSubstr("id -1"));
  EXPECT_THAT(Message({{0, 8, 0}}), HasSubstr("position 8"));
  EXPECT_THAT(Message({{0, -1, 0}}), HasSubstr("position -1"));
  EXPECT_THAT(Message({{0, 0, 2}}), HasSubstr("sequence 2"));
  EXPECT_THAT(Message({{0, 0, -1}}), HasSubstr("sequence -1"));
  EXPECT_THAT(Message({{0, 1, 0}, {0, 0, 0}}), HasSubstr("position 0 after 1"));
  EXPECT_THAT(Message({{0, 0, 0, true}, {0, 1, 0, true}}), HasSubstr("2 output tokens"));
}

}  // namespace
}  // namespace inferometer
