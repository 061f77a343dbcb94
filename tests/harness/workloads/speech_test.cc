// What a listener hears, on hand-made traces.
#include "harness/workloads/speech.h"

#include <gmock/gmock.h>

#include <vector>

#include "harness/base/error.h"

namespace inferometer {
namespace {

constexpr double kTokenSeconds = 1 / kSpeechTokensPerSecond;

// Sixteen tokens by `clause_s`, then `more` tokens, each `every_s` after the one before.
std::vector<double> Trace(double clause_s, int more, double every_s) {
  std::vector<double> times;
  for (int i = 1; i <= 16; ++i) times.push_back(clause_s * i / 16);
  for (int i = 1; i <= more; ++i) times.push_back(clause_s + i * every_s);
  return times;
}

TEST(Speech, UsesTokensUpAtTheCitedRate) {
  EXPECT_NEAR(kSpeechTokensPerSecond, 3.5556, 1e-4);  // 160 words a minute, 4/3 tokens a word
}

TEST(FirstClauseTime, IsThatOfTheSixteenthToken) {
  EXPECT_EQ(FirstClauseTime(Trace(2, 4, 1)), 2);
  EXPECT_EQ(FirstClauseTime(Trace(2, 0, 1)), 2);
  EXPECT_THROW(FirstClauseTime(std::vector<double>(15, 1.0)), Error);
}

TEST(SpeechHeadroom, IsDecodeRateOverSpeech) {
  // 10 tok/s after the first token.
  std::vector<double> times;
  for (int i = 0; i < 32; ++i) times.push_back(3 + 0.1 * i);
  EXPECT_NEAR(SpeechHeadroom(times), 10 / kSpeechTokensPerSecond, 1e-9);
}

TEST(SpeechStalls, NoneWhenTokensComeFasterThanTheyAreSpoken) {
  EXPECT_EQ(SpeechStalls(Trace(2, 200, kTokenSeconds * 0.9)), 0);
  EXPECT_EQ(SpeechStalls(Trace(2, 0, 1)), 0);
  // As fast as they are spoken: the clause's lead of 16 tokens is never used up.
  EXPECT_EQ(SpeechStalls(Trace(2, 200, kTokenSeconds)), 0);
}

TEST(SpeechStalls, TheClauseIsALeadThatSlowTokensUseUp) {
  // At half the pace of speech token 16 + i is there after 2 i, and needed after 16 + i - 1 token
  // times: i = 15 comes at the very moment, i = 16 one late. From there on each one is waited for.
  EXPECT_EQ(SpeechStalls(Trace(2, 15, 2 * kTokenSeconds)), 0);
  EXPECT_EQ(SpeechStalls(Trace(2, 16, 2 * kTokenSeconds)), 1);
  EXPECT_EQ(SpeechStalls(Trace(2, 20, 2 * kTokenSeconds)), 5);
}

TEST(SpeechStalls, OnePauseIsOneStallAndGivesNoNewLead) {
  // The 17th token comes one second after the 16 tokens have been said, the rest with it.
  std::vector<double> times = Trace(2, 0, 0);
  const double silent_at_s = 2 + 16 * kTokenSeconds;
  for (int i = 0; i < 10; ++i) times.push_back(silent_at_s + 1 + 1e-6 * i);
  EXPECT_EQ(SpeechStalls(times), 1);
  // Another pause, just longer and just shorter than what has been made up since.
  times.push_back(silent_at_s + 1 + 10 * kTokenSeconds + 0.001);
  EXPECT_EQ(SpeechStalls(times), 2);
  times.back() = silent_at_s + 1 + 10 * kTokenSeconds - 0.001;
  EXPECT_EQ(SpeechStalls(times), 1);
}

}  // namespace
}  // namespace inferometer
