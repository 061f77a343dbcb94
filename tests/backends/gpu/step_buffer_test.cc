// Steps as a GPU reads them, and where barriers stand.
#include "backends/gpu/step_buffer.h"

#include <gtest/gtest.h>

#include "backends/gpu/hazards.h"

namespace inferometer::gpu {
namespace {

TEST(StepBuffer, HoldsTokensTilesAndOutputs) {
  const StepBuffer buffer(8, 3, 4);
  std::vector<std::uint32_t> words(static_cast<std::size_t>(buffer.Words()), 99);
  // Six tokens of sequence 2 from position 10 on, then one of sequence 0.
  std::vector<TokenAt> tokens;
  for (int t = 0; t < 6; ++t) tokens.push_back({100 + t, 10 + t, 2, t == 5});
  tokens.push_back({7, 40, 0, true});
  const StepCounts counts = buffer.Fill({tokens}, 16, words);
  EXPECT_EQ(counts.tokens, 7);
  EXPECT_EQ(counts.outputs, 2);
  EXPECT_EQ(counts.tiles, 3);
  EXPECT_EQ(counts.context, 41);
  EXPECT_EQ(counts.splits, 3);  // 41 positions by 16
  const std::vector<std::uint32_t> header(words.begin(), words.begin() + 8);
  EXPECT_EQ(header, (std::vector<std::uint32_t>{7, 2, 3, 0, 16, 3, 41, 0}));
  const auto at = [&words](std::int64_t i) { return words[static_cast<std::size_t>(i)]; };
  for (std::int64_t t = 0; t < 6; ++t) {
    EXPECT_EQ(at(buffer.TokensAt() + 4 * t), 100 + t);
    EXPECT_EQ(at(buffer.TokensAt() + 4 * t + 1), 10 + t);
    EXPECT_EQ(at(buffer.TokensAt() + 4 * t + 2), 2u);
    EXPECT_EQ(at(buffer.TokensAt() + 4 * t + 3), 10u);
  }
  const std::vector<std::uint32_t> tiles(words.begin() + buffer.TilesAt(),
                                         words.begin() + buffer.TilesAt() + 12);
  EXPECT_EQ(tiles, (std::vector<std::uint32_t>{0, 4, 2, 14, 4, 2, 2, 16, 6, 1, 0, 41}));
  EXPECT_EQ(at(buffer.OutputsAt()), 5u);
  EXPECT_EQ(at(buffer.OutputsAt() + 1), 6u);
  EXPECT_EQ(at(buffer.OutputsAt() + 2), 99u);
}

TEST(StepBuffer, CountsWithoutWriting) {
  const StepBuffer buffer(2, 1, 4);
  const TokenAt token{0, 0, 0, false};
  const StepCounts counts = buffer.Count({{&token, 1}}, 64);
  EXPECT_EQ(counts.splits, 1);
  EXPECT_EQ(counts.outputs, 0);
}

TEST(Hazards, StandWhereOneTouchesWhatAnotherWrote) {
  Hazards hazards;
  const auto before = [&hazards](std::vector<Touch> touches) { return hazards.Before(touches); };
  EXPECT_FALSE(before({{1, Access::kRead}, {2, Access::kWrite}}));
  EXPECT_FALSE(before({{1, Access::kRead}, {3, Access::kWrite}}));  // shares only what is read
  EXPECT_TRUE(before({{2, Access::kRead}, {4, Access::kWrite}}));   // read after write
  EXPECT_FALSE(before({{3, Access::kRead}}));                       // made visible by the last one
  EXPECT_TRUE(before({{2, Access::kWrite}}));                       // write after read
  EXPECT_TRUE(before({{2, Access::kWrite}}));                       // write after write
  EXPECT_FALSE(before({{kScratch, Access::kReadWrite}}));
  EXPECT_TRUE(before({{kScratch, Access::kReadWrite}}));
}

}  // namespace
}  // namespace inferometer::gpu
