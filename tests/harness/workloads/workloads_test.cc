// Workloads on a tiny model and the reference device, with a clock that moves one second at a look.
#include <gmock/gmock.h>

#include <filesystem>
#include <set>
#include <string>

#include "harness/runner/session.h"
#include "harness/workloads/token_trace.h"
#include "harness/workloads/workload.h"
#include "results/metrics.h"

namespace inferometer {
namespace {

ModelShape TinyShape() {
  ModelShape shape;
  shape.name = "tiny";
  shape.family = "llama";
  shape.layers = 1, shape.width = 64, shape.heads = 2, shape.kv_heads = 1, shape.head_dim = 32;
  shape.feed_forward = 64, shape.vocab = 96, shape.context = 256, shape.rope_dim = 32;
  return shape;
}

class WorkloadsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 256; ++i) prompt_.push_back((i * 37 + 11) % 96);
    subject_.model = &model_;
    subject_.prompt = prompt_;
    subject_.now = [this] { return clock_s_ += 1; };
    subject_.sessions = {{&session_, &cache_}};
    subject_.open_device = [] { return OpenReference(); };
  }

  Model model_ = SynthesizeModel(TinyShape(), "q8_0", 1);
  std::unique_ptr<Device> device_ = OpenReference();
  Session session_{*device_, model_, {.positions = 256, .step_tokens = 32, .sequences = 2}};
  PromptCache cache_;
  std::vector<std::int32_t> prompt_;
  double clock_s_ = 0;
  Subject subject_;
};

TEST_F(WorkloadsTest, DecodeTimesEveryTokenAndFeedsItsChoiceBack) {
  const Case c{"decode", {{"depth", 0}, {"tokens", 5}, {"kv", "f16"}}};
  const Repetition repetition = FindWorkload("decode")->run(subject_, c);
  EXPECT_THAT(repetition.token_times_s, ::testing::ElementsAre(1, 2, 3, 4, 5));
  ASSERT_GE(repetition.measurements.size(), 3u);
  EXPECT_EQ(repetition.measurements[0].metric, "decode_rate");
  EXPECT_EQ(repetition.measurements[0].value, 1);  // 4 tokens in 4 s
  EXPECT_GT(repetition.measurements[0].work.bytes, 0);
  // Energy is counted from the first token's time to the last one's: four tokens.
  ASSERT_TRUE(repetition.window.has_value());
  EXPECT_EQ(repetition.window->end_s - repetition.window->begin_s, 4);
  EXPECT_EQ(repetition.window->tokens, 4);

  // The same continuation by hand.
  std::vector<std::int32_t> greedy;
  TokenAt token{prompt_[0], 0, 0, true};
  for (int i = 0; i < 5; ++i) {
    session_.Run({&token, 1});
    greedy.push_back(token.id = session_.Greedy());
    ++token.position;
  }
  EXPECT_EQ(repetition.facts["generated_sha256"], HashTokens(greedy));
}

TEST_F(WorkloadsTest, DecodeAtDepthRepeatsItselfThoughOthersRunBetween) {
  const Case deep{"decode", {{"depth", 100}, {"tokens", 8}, {"kv", "f16"}}};
  const Case deeper{"decode", {{"depth", 150}, {"tokens", 8}, {"kv", "f16"}}};
  const Case shallow{"decode", {{"depth", 0}, {"tokens", 8}, {"kv", "f16"}}};
  const Workload& decode = *FindWorkload("decode");
  const auto first = decode.run(subject_, deep).facts, second = decode.run(subject_, deeper).facts;
  decode.run(subject_, shallow);
  FindWorkload("prefill")->run(subject_, {"prefill", {{"tokens", 64}}});
  EXPECT_EQ(decode.run(subject_, deep).facts, first);
  EXPECT_EQ(decode.run(subject_, deeper).facts, second);
  EXPECT_NE(first["generated_sha256"], second["generated_sha256"]);

  // A cache that holds the prompt gives what one pass over all of it gives.
  std::vector<std::int32_t> ids(prompt_.begin(), prompt_.begin() + 101);
  session_.Prefill(ids, 0);
  std::vector<std::int32_t> greedy = {session_.Greedy()};
  for (int i = 101; i < 108; ++i) {
    const TokenAt token{greedy.back(), i, 0, true};
    session_.Run({&token, 1});
    greedy.push_back(session_.Greedy());
  }
  EXPECT_EQ(first["generated_sha256"], HashTokens(greedy));
}

TEST_F(WorkloadsTest, PrefillCountsToTheLogitsAndTtftToTheToken) {
  const auto repetition = FindWorkload("prefill")->run(subject_, {"prefill", {{"tokens", 64}}});
  ASSERT_TRUE(repetition.window.has_value());
  EXPECT_EQ(repetition.window->end_s - repetition.window->begin_s, 1);  // to the logits
  EXPECT_EQ(repetition.window->tokens, 64);
  ASSERT_EQ(repetition.measurements.size(), 2u);
  EXPECT_EQ(repetition.measurements[0].value, 64);  // in one look of the clock
  EXPECT_EQ(repetition.measurements[1].metric, "ttft");
  EXPECT_EQ(repetition.measurements[1].value, 2);
  const Cost cost = session_.CostOfPrefill(64, 0);
  EXPECT_NEAR(repetition.measurements[0].work.flops(), cost.flops, 1e-6 * cost.flops);
  EXPECT_NEAR(repetition.measurements[0].work.bytes, cost.bytes, 1e-6 * cost.bytes);
}

TEST_F(WorkloadsTest, LoadStartsFromTheFile) {
  const auto path = std::filesystem::temp_directory_path() / "inferometer_workloads_test.gguf";
  WriteModel(model_, path.string());
  subject_.file = path.string();
  subject_.sessions.clear();
  const Workload& load = *FindWorkload("load");
  const auto warm = load.run(subject_, {"load", {{"cache", "warm"}}});
  const auto cold = load.run(subject_, {"load", {{"cache", "cold"}}});
  std::filesystem::remove(path);
  ASSERT_EQ(warm.measurements.size(), 1u);
  EXPECT_EQ(warm.measurements[0].value, 1);
  EXPECT_EQ(warm.facts["source"], "file");
  if (cold.unsupported.empty()) {
    EXPECT_EQ(cold.facts, warm.facts);
  } else {
    EXPECT_THAT(cold.unsupported, ::testing::HasSubstr("stayed in memory"));
  }
}

TEST(Workloads, EveryMetricIsKnownAndNamesAreUnique) {
  std::set<std::string_view> names;
  for (const Workload& workload : Workloads()) {
    EXPECT_TRUE(names.insert(workload.name).second);
    for (const char* preset : {"quick", "standard", "extended", "leaderboard"}) {
      for (const Case& c : workload.cases(preset)) {
        std::set<std::string> keys;
        for (const RowKey& key : workload.rows(c)) {
          EXPECT_NE(FindMetric(key.metric), nullptr) << key.metric;
          EXPECT_TRUE(keys.insert(key.metric + key.params.dump()).second) << key.metric;
        }
      }
    }
  }
  EXPECT_EQ(FindWorkload("decod"), nullptr);
}

}  // namespace
}  // namespace inferometer
