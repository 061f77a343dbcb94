// Sessions: chunked prefill, greedy choices and costs through the public interface.
#include "harness/runner/session.h"

#include <gmock/gmock.h>

#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <string>

#include "harness/base/error.h"
#include "models/model.h"
#include "tests/models/tiny_shapes.h"

namespace inferometer {
namespace {

class SessionTest : public testing::Test {
 protected:
  const Model model_ = SynthesizeModel(TinyShapes().front(), "q8_0", 1);
  const std::unique_ptr<Device> device_ = OpenReference();
  const std::vector<std::int32_t> prompt_ = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5};
};

TEST_F(SessionTest, PrefillInStepsEqualsPrefillAtOnce) {
  Session whole(*device_, model_, {.positions = 16, .step_tokens = 16});
  Session steps(*device_, model_, {.positions = 16, .step_tokens = 4});
  whole.Prefill(prompt_, 0);
  const Timing timing = steps.Prefill(prompt_, 0);
  EXPECT_GT(timing.host_s, 0);
  EXPECT_FALSE(timing.device_s.has_value());
  EXPECT_EQ(whole.Logits(), steps.Logits());
  const std::vector<float> logits = whole.Logits();
  ASSERT_EQ(logits.size(), static_cast<std::size_t>(model_.shape.vocab));
  EXPECT_EQ(whole.Greedy(), std::max_element(logits.begin(), logits.end()) - logits.begin());
}

TEST_F(SessionTest, ReadsEachOutputOfAStep) {
  Session session(*device_, model_, {.positions = 16, .step_tokens = 16, .outputs = 3});
  session.Run(std::vector<TokenAt>{{3, 0, 0, true}, {1, 1, 0, false}, {4, 2, 0, true}});
  const std::vector<float> first = session.Logits(0), second = session.Logits(1);
  Session alone(*device_, model_, {.positions = 16, .step_tokens = 16});
  alone.Prefill(std::vector<std::int32_t>{3}, 0);
  EXPECT_EQ(first, alone.Logits());
  alone.Prefill(std::vector<std::int32_t>{1, 4}, 1);
  EXPECT_EQ(second, alone.Logits());
  EXPECT_EQ(session.Greedy(1), alone.Greedy());
}

TEST_F(SessionTest, CostOfPrefillIsTheSumOfItsSteps) {
  Session session(*device_, model_, {.positions = 64, .step_tokens = 4});
  const Cost six = session.CostOfPrefill(6, 10);
  const std::vector<TokenAt> first = {{0, 10, 0}, {0, 11, 0}, {0, 12, 0}, {0, 13, 0}};
  const std::vector<TokenAt> second = {{0, 14, 0}, {0, 15, 0, true}};
  EXPECT_DOUBLE_EQ(six.bytes, session.CostOfStep(first).bytes + session.CostOfStep(second).bytes);
  EXPECT_DOUBLE_EQ(six.flops, session.CostOfStep(first).flops + session.CostOfStep(second).flops);
  EXPECT_GT(six.flops, 0);
}

// Kilobytes of a mapped file that stand in this process; -1 where the system does not tell.
std::int64_t ResidentKilobytes(const std::string& path) {
  std::ifstream smaps("/proc/self/smaps");
  if (!smaps) return -1;
  bool inside = false;
  std::int64_t sum = 0;
  for (std::string line; std::getline(smaps, line);) {
    std::int64_t kilobytes = 0;
    std::uint64_t begin = 0, end = 0;
    if (std::sscanf(line.c_str(), "Rss: %" SCNd64, &kilobytes) == 1) {
      sum += inside ? kilobytes : 0;
    } else if (std::sscanf(line.c_str(), "%" SCNx64 "-%" SCNx64 " ", &begin, &end) == 2) {
      inside = line.ends_with(path);  // the first line of a mapping
    }
  }
  return sum;
}

TEST_F(SessionTest, LetsGoOfTheFileThatItUploaded) {
  ModelShape shape = TinyShapes().front();
  shape.vocab = 20000;
  const std::string path = testing::TempDir() + "session_test.gguf";
  WriteModel(SynthesizeModel(shape, "q8_0", 1), path);
  const Model model = OpenModel(path);
  for (std::size_t i = 0; i < model.tensors.size(); ++i) {
    volatile std::byte sink{};
    const std::span<const std::byte> content = model.load(i);
    for (std::size_t at = 0; at < content.size(); at += 4096) sink = content[at];
    (void)sink;
  }
  const std::int64_t before = ResidentKilobytes(path);
  if (before < 0) GTEST_SKIP() << "this system does not tell what is resident";
  EXPECT_GT(before, 1000);
  const auto device = std::move(Backends().front().open({}).back());
  Session session(*device, model, {.positions = 16, .step_tokens = 16});
  EXPECT_LT(ResidentKilobytes(path), before / 3);
  Session again(*device, model, {.positions = 16, .step_tokens = 16});
  session.Prefill(prompt_, 0);
  again.Prefill(prompt_, 0);
  EXPECT_EQ(session.Logits(), again.Logits()) << "what was let go comes back";
}

TEST_F(SessionTest, RefusesWhatTheDeviceOrThePlanCannotHold) {
  // Heads of 64 are no whole q4_k blocks.
  EXPECT_THROW(
      Session(*device_, model_, {.positions = 4, .step_tokens = 4, .kv_format = QuantId::kQ4_K}),
      Error);
  Session session(*device_, model_, {.positions = 4, .step_tokens = 4});
  EXPECT_THROW(session.Prefill(prompt_, 0), Error);  // 11 tokens in 4 positions
  EXPECT_THROW(session.Prefill({}, 0), Error);
  EXPECT_THROW(session.Prefill(std::vector<std::int32_t>{-1}, 0), Error);
  EXPECT_THROW(session.Logits(1), Error);  // one output was planned
}

}  // namespace
}  // namespace inferometer
