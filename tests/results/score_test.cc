// score_v1: 1000 at the reference, absent rather than partial.
#include "results/score.h"

#include <gtest/gtest.h>

namespace inferometer {
namespace {

Record Rate(const char* workload, const char* metric, nlohmann::json params, double median) {
  Record record;
  record.workload = workload;
  record.metric = metric;
  record.params = std::move(params);
  record.model = ModelRef{.name = "llama-3.2-1b", .quant = "q4_k_m", .sha256 = "", .bytes = 1};
  record.device = "cpu:avx2";
  record.samples = {median};
  record.median = median;
  return record;
}

std::vector<Record> AtReference() {
  return {Rate("prefill", "prefill_rate", {{"tokens", 512}}, 100),
          Rate("decode", "decode_rate", {{"depth", 0}, {"tokens", 128}, {"kv", "f16"}}, 20),
          Rate("decode", "decode_rate", {{"depth", 2048}, {"tokens", 128}, {"kv", "f16"}}, 18)};
}

TEST(Score, IsAThousandAtTheReference) {
  const auto scores = Scores(AtReference());
  ASSERT_EQ(scores.size(), 1u);
  ASSERT_TRUE(scores[0].value) << scores[0].reason;
  EXPECT_NEAR(*scores[0].value, 1000, 1e-9);
  EXPECT_EQ(scores[0].tier, "small");
}

TEST(Score, IsAGeometricMean) {
  auto records = AtReference();
  records[0].median = 800;  // 8 times one of three parts: twice the score
  EXPECT_NEAR(*Scores(records)[0].value, 2000, 1e-9);
}

TEST(Score, IsAbsentWhenAPartIs) {
  for (std::size_t part = 0; part < 3; ++part) {
    auto missing = AtReference();
    missing.erase(missing.begin() + static_cast<std::ptrdiff_t>(part));
    EXPECT_FALSE(Scores(missing)[0].value);
    EXPECT_NE(Scores(missing)[0].reason.find("not measured"), std::string::npos);
    auto failed = AtReference();
    failed[part].status = Status::kFailed;
    EXPECT_FALSE(Scores(failed)[0].value);
    EXPECT_NE(Scores(failed)[0].reason.find("not ok"), std::string::npos);
  }
  auto quantized = AtReference();  // another workload's row in its place does not count
  quantized[1].params["kv"] = "q8_0";
  EXPECT_FALSE(Scores(quantized)[0].value);
}

TEST(Score, IsPerDeviceAndOnlyForFrozenTiers) {
  auto records = AtReference();
  records.push_back(records[0]);
  records.back().device = "vulkan:0";
  records.push_back(records[0]);
  records.back().model->quant = "f16";
  records.push_back(records[0]);
  records.back().model =
      ModelRef{.name = "smollm2-135m", .quant = "q8_0", .sha256 = "", .bytes = 1};
  const auto scores = Scores(records);
  ASSERT_EQ(scores.size(), 4u);
  EXPECT_TRUE(scores[0].value);
  EXPECT_FALSE(scores[1].value);
  EXPECT_EQ(scores[2].tier, "");
  EXPECT_EQ(scores[3].tier, "tiny");
  EXPECT_NE(scores[3].reason.find("frozen"), std::string::npos);
}

}  // namespace
}  // namespace inferometer
