// Definitions on hand-made traces: bugs in these have shipped in well-known benchmarks.
#include "harness/workloads/token_trace.h"

#include <gmock/gmock.h>

#include <vector>

#include "harness/base/error.h"

namespace inferometer {
namespace {

TEST(DecodeRate, LeavesTheFirstTokenOut) {
  // The first token comes late, as after a long prompt; then one every 0.1 s.
  const std::vector<double> times = {5.0, 5.1, 5.2, 5.3, 5.4};
  EXPECT_NEAR(DecodeRate(times), 4 / 0.4, 1e-9);  // not 5 / 5.4, nor 5 / 0.4
}

TEST(DecodeRate, RefusesTracesThatHaveNone) {
  EXPECT_THROW(DecodeRate(std::vector<double>{}), Error);
  EXPECT_THROW(DecodeRate(std::vector<double>{1.0}), Error);
  EXPECT_THROW(DecodeRate(std::vector<double>{1.0, 1.0}), Error);
  EXPECT_THROW(DecodeRate(std::vector<double>{1.0, 0.9, 2.0}), Error);
}

TEST(PrefillRate, IsPromptTokensOverTheTimeToTheirLogits) {
  EXPECT_NEAR(PrefillRate(512, 2.0), 256, 1e-12);
  EXPECT_THROW(PrefillRate(512, 0), Error);
}

TEST(InterTokenLatency, QuantilesOfDifferences) {
  const std::vector<double> times = {1.0, 1.1, 1.3, 1.6, 2.0};
  ASSERT_EQ(InterTokenLatencies(times).size(), 4u);
  EXPECT_NEAR(*InterTokenLatency(times, 0.5), 0.25, 1e-12);    // between 0.2 and 0.3
  EXPECT_NEAR(*InterTokenLatency(times, 0.95), 0.385, 1e-12);  // 0.3 + 0.85 * 0.1
  EXPECT_FALSE(InterTokenLatency(std::vector<double>{1.0}, 0.5).has_value());
}

TEST(InterTokenLatency, P99OnlyFromAThousandTokens) {
  std::vector<double> times;
  for (int i = 0; i < 999; ++i) times.push_back(0.01 * i);
  EXPECT_FALSE(InterTokenLatency(times, 0.99).has_value());
  EXPECT_TRUE(InterTokenLatency(times, 0.95).has_value());
  times.push_back(times.back() + 1);
  EXPECT_TRUE(InterTokenLatency(times, 0.99).has_value());
}

TEST(HashTokens, IsSha256OfLittleEndianIds) {
  // Python: hashlib.sha256(struct.pack("<2i", 1, -2)).hexdigest()
  EXPECT_EQ(HashTokens(std::vector<std::int32_t>{1, -2}),
            "b5f56b64f014154a5433fcb074019bb39a5bc74b2004cb4670565d57b5af23b6");
}

}  // namespace
}  // namespace inferometer
