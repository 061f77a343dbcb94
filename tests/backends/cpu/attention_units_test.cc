// How attention is shared out: every position of every head once, in units that are about as dear.
#include "backends/cpu/attention_units.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "backends/cpu/kernel_set.h"

namespace inferometer::cpu {
namespace {

std::vector<TokenAt> OneEach(const std::vector<std::int32_t>& depths) {
  std::vector<TokenAt> tokens;
  for (std::size_t i = 0; i < depths.size(); ++i) {
    tokens.push_back({0, depths[i], static_cast<std::int32_t>(i), true});
  }
  return tokens;
}

std::vector<TokenAt> Run(std::int32_t count, std::int32_t position, std::int32_t sequence) {
  std::vector<TokenAt> tokens;
  for (std::int32_t i = 0; i < count; ++i) tokens.push_back({0, position + i, sequence, false});
  return tokens;
}

struct Situation {
  std::string name;
  std::int64_t heads, kv_heads, wanted;
  std::vector<TokenAt> tokens;
};

std::vector<Situation> Situations() {
  std::vector<Situation> all = {
      {"one_shallow", 9, 3, 8, OneEach({5})},
      {"one_deep", 9, 3, 8, OneEach({8191})},
      {"one_deep_many_threads", 32, 8, 256, OneEach({8191})},
      {"batch_equal", 8, 8, 16, OneEach(std::vector<std::int32_t>(16, 2047))},
      {"batch_uneven", 9, 3, 8, OneEach({3, 5000, 17, 128, 127, 0, 900, 12})},
      {"prefill", 32, 8, 16, Run(512, 0, 0)},
      {"few_behind_many", 9, 3, 64, Run(5, 8000, 0)},
      {"group_of_32", 32, 1, 16, Run(3, 1000, 0)}};
  std::vector<TokenAt> mixed = Run(70, 300, 1);
  for (const TokenAt& token : OneEach({4000})) mixed.push_back(token);
  all.push_back({"mixed", 4, 2, 16, mixed});
  return all;
}

class Units : public testing::TestWithParam<Situation> {};

TEST_P(Units, CoverEveryPositionOfEveryHeadOnce) {
  const auto& [name, heads, kv_heads, wanted, tokens] = GetParam();
  AttentionUnits units(heads, kv_heads, kMaxQueryRows, wanted, std::ssize(tokens));
  for (int again = 0; again < 2; ++again) {  // a plan is planned anew for each step
    units.Plan(tokens);
    std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> covered;  // by token, kv head
    std::set<std::int64_t> states;
    for (std::int64_t i = 0; i < units.count(); ++i) {
      const AttentionUnit unit = units.At(i);
      ASSERT_LT(unit.begin, unit.end);
      ASSERT_EQ(unit.begin % AttentionUnits::kPartPositions, 0);
      ASSERT_LE(unit.tile.count * (heads / kv_heads), kMaxQueryRows);
      const TokenAt& first = tokens[static_cast<std::size_t>(unit.tile.first)];
      for (std::int64_t t = unit.tile.first; t < unit.tile.first + unit.tile.count; ++t) {
        ASSERT_EQ(tokens[static_cast<std::size_t>(t)].sequence, first.sequence);
        // Parts of one head come in order, each beginning where the last one ended.
        std::int64_t& end = covered[{t, unit.kv_head}];
        ASSERT_EQ(unit.begin, end);
        end = unit.end;
      }
      if (unit.parts == 1) continue;
      ASSERT_TRUE(states.insert(unit.first_state + unit.part).second) << "a state used twice";
      ASSERT_LT(unit.first_state + unit.part, units.MostStates());
      ASSERT_LT(unit.whole, units.MostWholes());
    }
    ASSERT_EQ(covered.size(), tokens.size() * static_cast<std::size_t>(kv_heads));
    for (const auto& [key, end] : covered) {
      EXPECT_GT(end, tokens[static_cast<std::size_t>(key.first)].position);
    }
  }
}

// Rounding to pieces of the context costs at most one piece on either side.
TEST_P(Units, CostNoMoreThanTheirShareAndTwoPieces) {
  const auto& [name, heads, kv_heads, wanted, tokens] = GetParam();
  AttentionUnits units(heads, kv_heads, kMaxQueryRows, wanted, std::ssize(tokens));
  units.Plan(tokens);
  const auto cost = [&units](std::int64_t i) {
    return units.At(i).tile.count * (units.At(i).end - units.At(i).begin);
  };
  std::int64_t total = 0;
  for (std::int64_t i = 0; i < units.count(); ++i) total += cost(i);
  for (std::int64_t i = 0; i < units.count(); ++i) {
    const std::int64_t piece = units.At(i).tile.count * AttentionUnits::kPartPositions;
    EXPECT_LE(cost(i), total / wanted + 2 * piece) << "unit " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Units, testing::ValuesIn(Situations()),
                         [](const auto& p) { return p.param.name; });

TEST(AttentionUnits, SplitADeepSequenceBesideShallowOnes) {
  // 9 tokens with 3 kv heads are more units than threads want, yet the deep one is split.
  AttentionUnits units(9, 3, kMaxQueryRows, 8, 9);
  units.Plan(OneEach({10, 10, 5000, 10, 10, 10, 10, 10, 10}));
  EXPECT_EQ(units.At(0).tile.first, 2) << "the dearest first";
  EXPECT_GE(units.At(0).parts, 2);
  EXPECT_EQ(units.At(units.count() - 1).parts, 1);
}

TEST(AttentionUnits, DoNotSplitWhereHeadsSuffice) {
  AttentionUnits units(32, 8, kMaxQueryRows, 8, 1);
  units.Plan(OneEach({8191}));
  EXPECT_EQ(units.count(), 8);
}

}  // namespace
}  // namespace inferometer::cpu
