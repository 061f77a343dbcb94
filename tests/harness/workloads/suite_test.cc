// The workloads of the extended suite on a tiny model, with a clock that only steps and copies
// move.
#include <gmock/gmock.h>

#include <algorithm>
#include <string>

#include "harness/base/error.h"
#include "harness/runner/session.h"
#include "harness/workloads/kv_fit.h"
#include "harness/workloads/kv_state.h"
#include "harness/workloads/speech.h"
#include "harness/workloads/token_trace.h"
#include "harness/workloads/workload.h"
#include "tests/harness/workloads/costed_device.h"

namespace inferometer {
namespace {

using ::testing::HasSubstr;

ModelShape TinyShape() {
  ModelShape shape;
  shape.name = "tiny";
  shape.family = "llama";
  shape.layers = 2, shape.width = 64, shape.heads = 2, shape.kv_heads = 1, shape.head_dim = 32;
  shape.feed_forward = 64, shape.vocab = 96, shape.context = 256, shape.rope_dim = 32;
  return shape;
}

// One second a step, whatever is in it.
double OneSecond(const Step&) { return 1; }
double OneSecondAToken(const Step& step) { return static_cast<double>(step.tokens.size()); }

class SuiteTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 256; ++i) prompt_.push_back((i * 37 + 11) % 96);
    clock_.cost = OneSecond;
    subject_.model = &model_;
    subject_.prompt = prompt_;
    subject_.now = [this] { return clock_.now_s; };
    subject_.sessions = {{&session_, &cache_}};
  }

  Repetition Run(const std::string& workload, const nlohmann::json& params) {
    return FindWorkload(workload)->run(subject_, {workload, params});
  }

  static double Value(const Repetition& repetition, const std::string& metric,
                      const nlohmann::json& params = nlohmann::json::object()) {
    const Measurement* found = FindMeasurement(repetition, {metric, params});
    EXPECT_NE(found, nullptr) << metric << params;
    return found ? found->value : -1;
  }

  std::string ErrorOf(const std::string& workload, const nlohmann::json& params) {
    try {
      Run(workload, params);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  // The greedy continuation of one token at the beginning of a sequence.
  std::vector<std::int32_t> Alone(std::int32_t id, int tokens) {
    std::vector<std::int32_t> ids;
    TokenAt token{id, 0, kScratchSequence, true};
    for (int i = 0; i < tokens; ++i) {
      session_.Run({&token, 1});
      ids.push_back(token.id = session_.Greedy());
      ++token.position;
    }
    return ids;
  }

  Model model_ = SynthesizeModel(TinyShape(), "q8_0", 1);
  CostedClock clock_;
  CostedDevice device_{clock_};
  Session session_{device_, model_, {.positions = 256, .step_tokens = 64, .sequences = 2}};
  PromptCache cache_;
  std::vector<std::int32_t> prompt_;
  Subject subject_;
};

TEST_F(SuiteTest, KvReuseComparesTheSameTurnKeptAndDropped) {
  clock_.cost = OneSecondAToken;
  const auto repetition = Run("kv_reuse", {{"turn_1", 100}, {"turn_2", 20}});
  EXPECT_EQ(Value(repetition, "ttft", {{"cache", "kept"}}), 20);
  EXPECT_EQ(Value(repetition, "ttft", {{"cache", "dropped"}}), 120);
  EXPECT_EQ(Value(repetition, "kv_reuse_speedup"), 6);
  // Both ways lead to the same token: that of one pass over the whole prompt.
  session_.Prefill(std::span(prompt_).first(120), 0, kScratchSequence);
  const std::int32_t token = session_.Greedy();
  EXPECT_EQ(repetition.facts["generated_sha256"], HashTokens(std::vector{token, token}));
  EXPECT_EQ(Run("kv_reuse", {{"turn_1", 100}, {"turn_2", 20}}).facts, repetition.facts);
}

TEST_F(SuiteTest, VoiceHearsBehindTheSystemPromptAndSpeaksMeanwhile) {
  // A step of one token takes 0.5 s: two a second, of 3.56 that speech uses up.
  clock_.cost = [](const Step& step) { return step.tokens.size() == 1 ? 0.5 : 4.0; };
  const nlohmann::json params = {{"system", 96}, {"utterance", 16}, {"answer", 40}};
  const auto repetition = Run("voice", params);
  ASSERT_EQ(repetition.token_times_s.size(), 40u);
  EXPECT_EQ(repetition.token_times_s.front(), 4);
  EXPECT_EQ(Value(repetition, "first_clause_time"), 4 + 15 * 0.5);
  EXPECT_NEAR(Value(repetition, "speech_headroom"), 2 / kSpeechTokensPerSecond, 1e-12);
  // Token 16 + i is there after i / 2 s, and needed after (16 + i - 1) · 0.28 s: late from i = 20.
  EXPECT_EQ(Value(repetition, "speech_stalls"), 5);
  ASSERT_TRUE(repetition.window.has_value());
  EXPECT_EQ(repetition.window->tokens, 39);
  EXPECT_EQ(repetition.window->end_s - repetition.window->begin_s, 39 * 0.5);
  EXPECT_EQ(Run("voice", params).facts, repetition.facts);
}

TEST_F(SuiteTest, KvSweepRecoversAKnownCostOfDepth) {
  // 20 ms, and 5 µs for each cached token.
  clock_.cost = [](const Step& step) { return 0.02 + 5e-6 * step.tokens.front().position; };
  const nlohmann::json params = {{"depths", {0, 64, 128, 192}}, {"tokens", 16}};
  const auto repetition = Run("kv_sweep", params);
  EXPECT_NEAR(Value(repetition, "kv_depth_cost"), 5e-6, 0.05 * 5e-6);
  EXPECT_NEAR(Value(repetition, "kv_depth_cost"), 5e-6, 1e-11);
  EXPECT_NEAR(Value(repetition, "kv_base_latency"), 0.02, 1e-9);
  EXPECT_NEAR(Value(repetition, "kv_fit_r2"), 1, 1e-9);
  // Positions 129 to 143 are timed: behind 136 tokens on average.
  EXPECT_NEAR(Value(repetition, "decode_rate", {{"depth", 128}}), 1 / (0.02 + 5e-6 * 136), 1e-6);
  EXPECT_EQ(Run("kv_sweep", params).facts, repetition.facts);
}

TEST(FitDepth, IsWithinFivePerCentUnderNoise) {
  // ±1 % of noise on a slope that makes up half of the time at the deepest point.
  std::vector<DepthTime> points;
  const double noise[] = {0.01, -0.01, 0.008, -0.006, 0.009, -0.01};
  const double depths[] = {0, 512, 1024, 2048, 4096, 8192};
  for (int i = 0; i < 6; ++i) {
    points.push_back({depths[i], (0.02 + 2.5e-6 * depths[i]) * (1 + noise[i])});
  }
  const LinearFit fit = FitDepth(points);
  EXPECT_NEAR(fit.slope, 2.5e-6, 0.05 * 2.5e-6);
  EXPECT_NEAR(fit.intercept, 0.02, 0.05 * 0.02);
  EXPECT_GT(fit.r_squared, 0.99);
  EXPECT_THROW(FitDepth(std::span(points).first(2)), Error);
}

TEST_F(SuiteTest, KvSweepDropsTheDepthsThatDoNotFit) {
  const Workload& sweep = *FindWorkload("kv_sweep");
  const Case c = sweep.cases("extended").front();
  const Case clipped = sweep.clip(c, 2100);
  EXPECT_EQ(clipped.params["depths"], nlohmann::json({0, 512, 1024, 2048}));
  EXPECT_EQ(sweep.clip(c, 10).params["depths"].size(), 3u);  // fewer make no fit
}

TEST_F(SuiteTest, BatchRunsSequencesThatDoNotSeeEachOther) {
  Session wide(device_, model_,
               {.positions = 64, .step_tokens = 64, .outputs = 16, .sequences = 16}, &session_);
  PromptCache cache;
  subject_.sessions = {{&wide, &cache}};
  clock_.cost = [](const Step& step) { return 0.1 * static_cast<double>(step.tokens.size()); };
  const auto repetition = Run("batch", {{"sequences", 4}, {"tokens", 12}});
  EXPECT_NEAR(Value(repetition, "decode_rate"), 1 / 0.4, 1e-9);
  EXPECT_NEAR(Value(repetition, "batch_rate"), 4 / 0.4, 1e-9);
  EXPECT_EQ(repetition.window->tokens, 44);
  std::vector<std::int32_t> all;
  for (int i = 0; i < 4; ++i) {
    const auto ids = Alone(prompt_[static_cast<std::size_t>(i)], 12);
    all.insert(all.end(), ids.begin(), ids.end());
  }
  EXPECT_EQ(repetition.facts["generated_sha256"], HashTokens(all));
}

TEST_F(SuiteTest, KvQuantStatesWhatTheSmallerCacheCosts) {
  Session small(device_, model_,
                {.positions = 256, .step_tokens = 64, .sequences = 1, .kv_format = QuantId::kQ8_0},
                &session_);
  PromptCache cache;
  const nlohmann::json f16 = {{"depth", 128}, {"tokens", 16}, {"kv", "f16"}};
  nlohmann::json q8_0 = f16;
  q8_0["kv"] = "q8_0";
  const auto plain = Run("kv_quant", f16);
  subject_.sessions = {{&small, &cache}, {&session_, &cache_}};
  const auto quant = Run("kv_quant", q8_0);
  EXPECT_EQ(Value(plain, "decode_rate"), 1);
  EXPECT_EQ(Value(quant, "decode_rate"), 1);
  EXPECT_EQ(Value(plain, "kv_bytes"), 128 * 2 * 2 * 32 * 2);  // tokens, layers, k and v, 32 in f16
  EXPECT_EQ(Value(quant, "kv_bytes"), 128 * 2 * 2 * 34);
  EXPECT_EQ(FindMeasurement(plain, {"kv_nmse"}), nullptr);
  EXPECT_GT(Value(quant, "kv_nmse"), 0);
  EXPECT_LT(Value(quant, "kv_nmse"), 1e-3);
  EXPECT_GE(Value(quant, "kv_greedy_match"), 0.5);
  EXPECT_LE(Value(quant, "kv_greedy_match"), 1);
  EXPECT_EQ(Run("kv_quant", q8_0).facts, quant.facts);
}

TEST_F(SuiteTest, KvMoveCountsBytesAndLeavesTheCacheAsItWas) {
  const nlohmann::json deep = {{"depth", 96}, {"tokens", 8}};
  const auto before = Run("decode", deep).facts;
  const auto repetition =
      Run("kv_move", {{"depth", 96}, {"kept", 8}, {"dropped", 24}, {"kv", "f16"}});
  const double bytes = 96 * 2 * 2 * 64;  // tokens, layers, k and v, a row of 32 in f16
  // Four caches, 0.25 s to read and 0.5 s to write each.
  EXPECT_NEAR(Value(repetition, "kv_snapshot_rate", {{"store", "ram"}}), bytes, 1e-9 * bytes);
  EXPECT_NEAR(Value(repetition, "kv_restore_rate", {{"store", "ram"}}), bytes / 2, 1e-9 * bytes);
  EXPECT_NEAR(Value(repetition, "kv_restore_rate", {{"store", "file"}}), bytes / 2, 1e-9 * bytes);
  EXPECT_EQ(Value(repetition, "kv_truncate_time"), 1);
  // 64 positions move, read and written in 3 s.
  EXPECT_NEAR(Value(repetition, "kv_shift_rate"), bytes * 64 / 96 / 3, 1e-6);
  EXPECT_GT(Value(repetition, "kv_shift_nmse"), 0);
  EXPECT_LT(Value(repetition, "kv_shift_nmse"), 1);
  EXPECT_TRUE(repetition.facts["page_cache"].is_string());
  EXPECT_EQ(Run("decode", deep).facts, before);
}

TEST_F(SuiteTest, KvMoveNoticesACacheThatCameBackWrong) {
  clock_.corrupt_writes = true;
  EXPECT_THAT(ErrorOf("kv_move", {{"depth", 96}, {"kept", 8}, {"dropped", 24}, {"kv", "f16"}}),
              HasSubstr("after a restore from memory differ"));
}

TEST_F(SuiteTest, ShiftedKeysAreThoseOfTheirNewPositions) {
  for (const RopeStyle style : {RopeStyle::kInterleaved, RopeStyle::kHalves}) {
    ModelShape shape = TinyShape();
    shape.rope_style = style;
    shape.rope_dim = 16;
    const Model model = SynthesizeModel(shape, "q8_0", 1);
    const auto device = OpenReference();
    Session session(*device, model, {.positions = 64, .step_tokens = 64, .sequences = 2});
    session.Prefill(std::span(prompt_).first(60), 0);
    KvState state = EmptyState(session.plan(), 60);
    ReadState(session, state);
    ShiftState(session.plan(), 4, 20, state);
    EXPECT_EQ(state.positions, 40);
    WriteState(session, state);
    std::vector<std::int32_t> text(prompt_.begin(), prompt_.begin() + 4);
    text.insert(text.end(), prompt_.begin() + 24, prompt_.begin() + 60);
    session.Prefill(text, 0, kScratchSequence);
    const auto want = FirstLayerKeys(session, kScratchSequence, 40);
    const auto got = FirstLayerKeys(session, kPromptSequence, 40);
    double worst = 0, largest = 0;
    for (std::size_t i = 0; i < want.size(); ++i) {
      worst = std::max(worst, std::abs(static_cast<double>(want[i]) - got[i]));
      largest = std::max(largest, std::abs(static_cast<double>(want[i])));
    }
    EXPECT_LT(worst, 2e-3 * largest);  // two roundings to f16
    EXPECT_THROW(ShiftState(session.plan(), 30, 20, state), Error);
  }
}

TEST_F(SuiteTest, SustainedFindsWhenTheDeviceSlowsDown) {
  // Four tokens a second, three from 100 s on.
  clock_.cost = [this](const Step&) { return clock_.now_s < 100 ? 0.25 : 1.0 / 3; };
  double told = 0;
  subject_.tell = [&told](double rate) { told = rate; };
  const auto repetition = Run("sustained", {{"minutes", 4}, {"window", 32}});
  const Measurement* rate = FindMeasurement(repetition, {"sustained_rate"});
  ASSERT_NE(rate, nullptr);
  ASSERT_EQ(rate->samples.size(), 240u);
  EXPECT_NEAR(rate->samples[50], 4, 1e-9);
  EXPECT_NEAR(rate->samples[150], 3, 1e-9);
  EXPECT_NEAR(rate->value, 3, 1e-9);
  EXPECT_NEAR(Value(repetition, "sustained_ratio"), 0.75, 1e-9);
  EXPECT_EQ(Value(repetition, "throttle_onset"), 100);
  EXPECT_NEAR(told, 820.0 / 240, 0.05);
  ASSERT_TRUE(repetition.window.has_value());
  EXPECT_EQ(repetition.window->tokens, 820);
  EXPECT_FALSE(repetition.facts.contains("ended_after_s"));
}

TEST_F(SuiteTest, SustainedSaysWhatItCannotSay) {
  clock_.cost = [](const Step&) { return 0.25; };
  subject_.stop = [this] { return clock_.now_s >= 70; };
  const auto repetition = Run("sustained", {{"minutes", 5}, {"window", 32}});
  EXPECT_EQ(FindMeasurement(repetition, {"sustained_rate"})->samples.size(), 70u);
  EXPECT_THAT(FindMeasurement(repetition, {"sustained_ratio"})->absent, HasSubstr("70 s"));
  EXPECT_EQ(FindMeasurement(repetition, {"throttle_onset"})->absent, "no slowdown was found");
  EXPECT_EQ(repetition.facts["ended_after_s"], 70);
}

TEST_F(SuiteTest, SustainedNoticesADeviceThatBeginsToComputeSomethingElse) {
  clock_.cost = [this](const Step&) {
    clock_.wrong_choices = clock_.now_s > 60;
    return 0.5;
  };
  EXPECT_THAT(ErrorOf("sustained", {{"minutes", 5}, {"window", 32}}),
              HasSubstr("no longer computes what it did"));
}

}  // namespace
}  // namespace inferometer
