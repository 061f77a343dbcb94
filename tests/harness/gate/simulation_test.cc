// How often the rule cries wolf, and how often it fires, on the simulated machine. Fixed seeds.
#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

#include "harness/gate/rule.h"
#include "tests/harness/gate/simulator.h"

namespace inferometer {
namespace {

constexpr std::size_t kMetrics = 30;
// Thresholds as a suite has them: decode, prefill and ttft, tails.
double ThresholdOf(std::size_t metric) {
  return metric % 3 == 0 ? 0.03 : metric % 3 == 1 ? 0.05 : 0.10;
}

struct Outcome {
  std::size_t regressions = 0, improvements = 0, passes = 0, suspects = 0;
};

// Log ratios of `pairs` pairs in ABBA order, of every metric; the head's times are larger by
// `slower`.
std::vector<std::vector<double>> Pairs(SimulatedMachine& machine, std::size_t pairs,
                                       double slower) {
  std::vector<std::vector<double>> worse(kMetrics);
  for (std::size_t i = 0; i < pairs; ++i) {
    std::vector<double> arms[2];
    for (const bool second : {false, true}) {
      const bool head = second != (i % 2 == 1);
      machine.NextSlot();
      for (std::size_t m = 0; m < kMetrics; ++m) {
        arms[head ? 1 : 0].push_back(machine.Run(m) + (head ? slower : 0));
      }
    }
    for (std::size_t m = 0; m < kMetrics; ++m) worse[m].push_back(arms[1][m] - arms[0][m]);
  }
  return worse;
}

// Both stages on one machine, as `ab` runs them.
Outcome Compare(std::uint64_t seed, double slower, std::size_t pairs = 6,
                std::size_t confirm = 12) {
  SimulatedMachine machine(seed, kMetrics);
  Outcome outcome;
  const auto first = Pairs(machine, pairs, slower);
  const auto second = Pairs(machine, confirm, slower);
  for (std::size_t m = 0; m < kMetrics; ++m) {
    const double threshold = ThresholdOf(m);
    const Effect effect = PairedEffect(first[m]);
    const bool suspect = IsSuspect(effect, threshold);
    const Verdict verdict = suspect ? Decide(PairedEffect(second[m]), threshold, true)
                                    : Decide(effect, threshold, false);
    outcome.suspects += suspect ? 1 : 0;
    outcome.regressions += verdict == Verdict::kRegression ? 1 : 0;
    outcome.improvements += verdict == Verdict::kImprovement ? 1 : 0;
    outcome.passes += verdict == Verdict::kPass ? 1 : 0;
  }
  return outcome;
}

// Of suites of 30 rows in which nothing changed, at most one in a hundred may show any regression.
TEST(Simulation, UnchangedSuitesAreLeftAlone) {
  constexpr std::size_t kSuites = 1000;
  std::size_t wolf = 0, suspects = 0, passes = 0;
  for (std::size_t i = 0; i < kSuites; ++i) {
    const Outcome outcome = Compare(i, 0);
    wolf += outcome.regressions > 0 ? 1 : 0;
    suspects += outcome.suspects;
    passes += outcome.passes;
  }
  RecordProperty("suites_with_a_false_regression", static_cast<int>(wolf));
  RecordProperty("suspects_per_suite_x100", static_cast<int>(suspects * 100 / kSuites));
  RecordProperty("passes_per_suite", static_cast<int>(passes / kSuites));
  EXPECT_LE(wolf, kSuites / 100);
}

// Decode rows have the threshold 3 %: a tenth of them at most may slip through at 5 %.
TEST(Simulation, FivePercentOfDecodeIsCaught) {
  constexpr std::size_t kSuites = 200;
  std::size_t caught = 0, rows = 0;
  for (std::size_t i = 0; i < kSuites; ++i) {
    SimulatedMachine machine(1'000'000 + i, kMetrics);
    const auto first = Pairs(machine, 6, std::log1p(0.05));
    const auto second = Pairs(machine, 12, std::log1p(0.05));
    for (std::size_t m = 0; m < kMetrics; m += 3) {
      ++rows;
      if (!IsSuspect(PairedEffect(first[m]), 0.03)) continue;
      caught += Decide(PairedEffect(second[m]), 0.03, true) == Verdict::kRegression ? 1 : 0;
    }
  }
  RecordProperty("caught_of_a_thousand", static_cast<int>(caught * 1000 / rows));
  EXPECT_GE(caught * 10, rows * 9) << caught << " of " << rows;
}

TEST(Simulation, EightPercentOfDecodeIsNeverMissedInHundred) {
  std::size_t missed = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    SimulatedMachine machine(2'000'000 + i, 1);
    std::vector<double> stages[2];
    for (std::vector<double>& stage : stages) {
      for (std::size_t pair = 0; pair < (&stage == stages ? 6u : 12u); ++pair) {
        machine.NextSlot();
        const double base = machine.Run(0);
        machine.NextSlot();
        stage.push_back(machine.Run(0) + std::log1p(0.08) - base);
      }
    }
    const bool caught = IsSuspect(PairedEffect(stages[0]), 0.03) &&
                        Decide(PairedEffect(stages[1]), 0.03, true) == Verdict::kRegression;
    missed += caught ? 0 : 1;
  }
  EXPECT_LE(missed, 1u);
}

TEST(Simulation, FivePairsNeverFlagWhateverHappens) {
  for (std::size_t i = 0; i < 50; ++i) {
    const Outcome outcome = Compare(3'000'000 + i, 0.5, 6, 5);
    EXPECT_EQ(outcome.regressions, 0u);
  }
}

// What the rule is measured against: blocks of ten runs and a test at 5 %, as is common.
TEST(Simulation, ComparingBlocksWouldCryWolf) {
  constexpr std::size_t kTrials = 300;
  std::size_t wolf = 0;
  for (std::size_t i = 0; i < kTrials; ++i) {
    SimulatedMachine machine(4'000'000 + i, 1);
    std::vector<double> arms[2];
    for (std::vector<double>& arm : arms) {
      for (int run = 0; run < 10; ++run) {
        machine.NextSlot();
        arm.push_back(machine.Run(0));
      }
    }
    const Effect effect = UnpairedEffect(arms[0], arms[1]);
    wolf += effect.interval && effect.interval->low > 0 ? 1 : 0;
  }
  RecordProperty("false_regressions_of_blocks", static_cast<int>(wolf));
  EXPECT_GT(wolf, kTrials / 20) << "then the simulated machine is too kind to show anything";
}

}  // namespace
}  // namespace inferometer
