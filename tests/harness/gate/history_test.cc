// Results over commits.
#include "harness/gate/history.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>

#include "harness/base/error.h"
#include "harness/base/random.h"
#include "tests/harness/gate/made_up.h"

namespace inferometer {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A decode rate of 40 tok/s with 1 % noise, times a factor for each commit.
std::vector<HistoryEntry> Store(std::size_t n, const std::function<double(std::size_t)>& factor,
                                std::uint64_t seed = 1) {
  std::vector<HistoryEntry> entries;
  Random random(seed);
  for (std::size_t i = 0; i < n; ++i) {
    HistoryEntry entry;
    entry.commit = "commit-" + std::to_string(i);
    entry.machine = {{"processors", "Test CPU"}};
    entry.values = {{"decode row", "decode @0", "decode_rate",
                     40 * factor(i) * std::exp(0.01 * random.Normal())}};
    entries.push_back(std::move(entry));
  }
  return entries;
}

TEST(History, NamesTheCommitWhereALevelBegan) {
  for (const std::size_t n : {40u, 120u}) {
    const std::size_t begin = n - 15;
    const auto changes =
        FindLevelChanges(Store(n, [&](std::size_t i) { return i < begin ? 1.0 : 0.95; }));
    ASSERT_THAT(changes, SizeIs(1)) << n;
    EXPECT_EQ(changes[0].commit, "commit-" + std::to_string(begin));
    EXPECT_EQ(changes[0].before, "commit-" + std::to_string(begin - 1));
    EXPECT_TRUE(changes[0].worse);
    EXPECT_NEAR(changes[0].change, -0.05, 0.01);
    EXPECT_LE(changes[0].p, 0.001);
    EXPECT_EQ(changes[0].age, 15u);
  }
}

TEST(History, FindsTwoChangesOfEitherDirection) {
  const auto changes = FindLevelChanges(Store(45, [](std::size_t i) {
    return i < 15 ? 1.0 : i < 30 ? 0.9 : 1.05;
  }));
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_TRUE(changes[0].worse);
  EXPECT_FALSE(changes[1].worse);
  EXPECT_EQ(changes[1].commit, "commit-30");
}

TEST(History, FindsALevelThatCameAndWent) {
  const auto changes =
      FindLevelChanges(Store(80, [](std::size_t i) { return i < 40 || i >= 60 ? 1.0 : 0.9; }));
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_EQ(changes[0].commit, "commit-40");
  EXPECT_EQ(changes[1].commit, "commit-60");
}

TEST(History, NoiseSpikesAndSmallChangesAreNoLevels) {
  std::size_t found = 0;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    found += FindLevelChanges(Store(40, [](std::size_t) { return 1.0; }, seed)).size();
  }
  EXPECT_LE(found, 1u);
  EXPECT_THAT(FindLevelChanges(Store(40, [](std::size_t i) { return i == 20 ? 0.5 : 1.0; })),
              IsEmpty());
  EXPECT_THAT(FindLevelChanges(Store(50, [](std::size_t i) { return i < 25 ? 1.0 : 0.98; })),
              IsEmpty());
}

TEST(History, AnotherMachineIsNoSlowerCommit) {
  std::vector<HistoryEntry> entries = Store(40, [](std::size_t i) { return i < 20 ? 1.0 : 0.7; });
  for (std::size_t i = 20; i < 40; ++i) entries[i].machine = {{"processors", "Slow CPU"}};
  EXPECT_THAT(FindLevelChanges(entries), IsEmpty());
}

TEST(History, LinesComeBackAsTheyWere) {
  const HistoryEntry entry = EntryOf(MadeUpRun(), "");
  EXPECT_EQ(entry.commit, std::string(40, 'c'));
  const auto back = ParseHistory(LineOf(entry) + "\n" + LineOf(entry), "store");
  ASSERT_THAT(back, SizeIs(2));
  EXPECT_EQ(LineOf(back[1]), LineOf(entry));
  EXPECT_THAT(entry.values, SizeIs(4));
}

TEST(History, ABrokenLineIsNamed) {
  try {
    ParseHistory(LineOf(EntryOf(MadeUpRun(), "")) + "{\"kind\": 1}\n", "store");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("line 2"));
  }
  Result nameless = MadeUpRun();
  nameless.tool["commit"] = nullptr;
  EXPECT_THROW(EntryOf(nameless, ""), Error);
}

}  // namespace
}  // namespace inferometer
