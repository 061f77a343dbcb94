// Sizes, links and what is read off curves of known caches.
#include "harness/workloads/cache_curves.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <set>

#include "harness/base/random.h"
#include "harness/workloads/cache_levels.h"

namespace inferometer {
namespace {

using ::testing::SizeIs;

constexpr double kKiB = 1024, kMiB = 1024 * kKiB;

struct Known {
  double bytes, latency_s;
};

// The latency of a cyclic walk over `size` bytes. Sharp: all accesses go to the first level that
// holds the set. Gradual: each level holds a share of a larger set, as with random replacement.
double LatencyAt(double size, const std::vector<Known>& levels, double memory_s, bool gradual) {
  double latency_s = memory_s;
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
    const double held = size <= level->bytes ? 1 : gradual ? level->bytes / size : 0;
    latency_s = held * level->latency_s + (1 - held) * latency_s;
  }
  return latency_s;
}

std::vector<LatencyPoint> Curve(const std::vector<Known>& levels, double memory_s, bool gradual,
                                double noise = 0) {
  CeilingOptions options;
  options.last_level_bytes = static_cast<std::uint64_t>(levels.back().bytes);
  std::vector<LatencyPoint> curve;
  Random random(11);
  for (const std::int64_t size : CurveSizes(options)) {
    const double latency_s = LatencyAt(static_cast<double>(size), levels, memory_s, gradual);
    curve.push_back({static_cast<double>(size), latency_s * (1 + noise * random.Uniform())});
  }
  return curve;
}

const std::vector<Known> kDesktop = {{48 * kKiB, 1.1e-9}, {1 * kMiB, 4e-9}, {32 * kMiB, 15e-9}};
const std::vector<Known> kBoard = {{32 * kKiB, 2e-9}, {512 * kKiB, 12e-9}};

TEST(CacheLevels, AreReadOffSharpEdges) {
  for (const double noise : {0.0, 0.1}) {
    const auto levels = CacheLevelsOf(Curve(kDesktop, 100e-9, false, noise));
    ASSERT_THAT(levels, SizeIs(3)) << noise;
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(levels[i].bytes, kDesktop[i].bytes);
      EXPECT_NEAR(levels[i].latency_s, kDesktop[i].latency_s, 0.1 * kDesktop[i].latency_s);
    }
  }
  const auto levels = CacheLevelsOf(Curve(kBoard, 150e-9, false));
  ASSERT_THAT(levels, SizeIs(2));
  EXPECT_EQ(levels[1].bytes, 512 * kKiB);
}

TEST(CacheLevels, AreReadOffGradualEdgesWithinAnOctave) {
  const auto levels = CacheLevelsOf(Curve(kDesktop, 100e-9, true, 0.03));
  ASSERT_THAT(levels, SizeIs(3));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_GE(levels[i].bytes, kDesktop[i].bytes);
    EXPECT_LT(levels[i].bytes, 2 * kDesktop[i].bytes);
  }
}

TEST(CacheLevels, OneDisturbedPointMakesNoLevel) {
  std::vector<LatencyPoint> curve = Curve(kDesktop, 100e-9, false);
  curve[4].latency_s *= 5, curve[20].latency_s *= 3, curve[30].latency_s *= 4;
  const auto levels = CacheLevelsOf(curve);
  ASSERT_THAT(levels, SizeIs(3));
  EXPECT_EQ(levels[0].bytes, 48 * kKiB);
  EXPECT_EQ(levels[2].bytes, 32 * kMiB);
}

TEST(CacheLevels, ASlowlyWorseLastLevelStaysOne) {
  std::vector<LatencyPoint> curve = Curve(kDesktop, 200e-9, false);
  for (LatencyPoint& point : curve) {  // 15 ns at 1 MiB, 27 ns at 32 MiB
    if (point.bytes > kMiB && point.bytes <= 32 * kMiB) {
      point.latency_s *= 1 + 0.16 * std::log2(point.bytes / kMiB);
    }
  }
  const auto levels = CacheLevelsOf(curve);
  ASSERT_THAT(levels, SizeIs(3));
  EXPECT_EQ(levels[2].bytes, 32 * kMiB);
}

TEST(CacheLevels, NothingIsInventedWhereACurveShowsNothing) {
  EXPECT_THAT(CacheLevelsOf({}), SizeIs(0));
  const std::vector<LatencyPoint> one = {{4096, 1e-9}};
  EXPECT_THAT(CacheLevelsOf(one), SizeIs(0));
  const std::vector<Known> large = {{1024 * kMiB, 5e-9}};
  std::vector<LatencyPoint> flat = Curve(large, 5e-9, false, 0.1);
  EXPECT_THAT(CacheLevelsOf(flat), SizeIs(0)) << "a cache that the curve never leaves";
}

TEST(CurveSizes, AreQuarterOctavesWithinMemory) {
  CeilingOptions options;
  auto sizes = CurveSizes(options);
  EXPECT_EQ(sizes.front(), 4096);
  EXPECT_EQ(sizes.back(), 64 << 20);
  EXPECT_TRUE(std::is_sorted(sizes.begin(), sizes.end()));
  EXPECT_EQ(std::set<std::int64_t>(sizes.begin(), sizes.end()).size(), sizes.size());
  for (const std::int64_t size : sizes) EXPECT_EQ(size % 4096, 0);
  for (const std::int64_t cache : {48 << 10, 1280 << 10, 12 << 20}) {
    EXPECT_EQ(std::count(sizes.begin(), sizes.end(), cache), 1) << cache;
  }
  options.last_level_bytes = 96 << 20;
  EXPECT_EQ(CurveSizes(options).back(), 384 << 20);
  options.memory_bytes = 256 << 20;
  EXPECT_EQ(CurveSizes(options).back(), 32 << 20);
}

TEST(RandomCycle, IsOneCycleThroughAllLinesAndNotInOrder) {
  constexpr std::int64_t kBytes = 64 * 1000;
  const std::vector<std::byte> links = RandomCycle(kBytes, 3);
  std::uint64_t at = 0;
  std::set<std::uint64_t> seen;
  int in_order = 0;
  for (int i = 0; i < 1000; ++i) {
    std::uint64_t next = 0;
    std::memcpy(&next, links.data() + at, sizeof next);
    in_order += next == at + 64 ? 1 : 0;
    ASSERT_TRUE(seen.insert(at = next).second) << "after " << i;
    ASSERT_EQ(next % 64, 0u);
  }
  EXPECT_EQ(at, 0u);
  EXPECT_LT(in_order, 20);
  EXPECT_NE(RandomCycle(kBytes, 4), links);
}

// The curves on a real device: their shape, not their figures.
TEST(Curves, HaveAPointForEachSizeUntilTheyAreStopped) {
  const auto devices = Backends().front().open({.threads = 1});
  ASSERT_FALSE(devices.empty());
  CeilingOptions options;
  options.memory_bytes = 1 << 20;
  options.page_bytes = 4096;
  double clock_s = 0;
  options.now = [&clock_s] { return clock_s += 1; };
  const std::size_t points = CurveSizes(options).size();
  const auto always = [] { return true; };
  const auto bandwidth = BandwidthCurve(*devices.front(), options, 7, always);
  ASSERT_THAT(bandwidth, SizeIs(points));
  for (const Ceiling& c : bandwidth) {
    EXPECT_EQ(c.metric, "cache_bandwidth");
    EXPECT_GT(c.value, 0);
    EXPECT_EQ(c.at_s, 7);
    EXPECT_EQ(c.params["page_bytes"], 4096);
  }
  EXPECT_EQ(bandwidth.back().params["bytes"], 128 << 10);
  int asked = 0;
  const auto twice = [&asked] { return ++asked <= 2; };
  const auto latency = LatencyCurve(*devices.front(), options, {}, 7, twice);
  ASSERT_GE(latency.size(), 2u);
  EXPECT_EQ(latency[0].metric, "access_latency");
  EXPECT_EQ(latency[1].params["bytes"], 8192);
  EXPECT_EQ(latency[0].params["line_bytes"], 64);
  EXPECT_GT(latency[0].value, 0);
}

}  // namespace
}  // namespace inferometer
