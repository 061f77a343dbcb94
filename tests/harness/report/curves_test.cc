// Curves in reports: gathered from ceilings, drawn, and kept out of the roofs.
#include "harness/report/curves.h"

#include <gmock/gmock.h>

#include "harness/report/formats.h"
#include "harness/report/report.h"
#include "harness/report/rows.h"
#include "harness/report/svg.h"

namespace inferometer {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

Ceiling Make(const char* metric, int threads, double value, nlohmann::json params) {
  Ceiling ceiling;
  ceiling.metric = metric, ceiling.backend = "cpu", ceiling.device = "cpu:avx2";
  ceiling.threads = threads, ceiling.value = value, ceiling.samples = {value};
  ceiling.params = std::move(params);
  return ceiling;
}

Result Measured() {
  Result result;
  result.run = {{"preset", "ceilings-full"}};
  result.device = nlohmann::json::object();
  result.ceilings = {Make("read_bandwidth", 2, 40e9, {{"streams", 8}, {"page_bytes", 2097152}}),
                     Make("access_latency", 1, 80e-9, {{"bytes", 67108864}}),
                     Make("access_latency", 1, 1.1e-9, {{"bytes", 4096}}),
                     Make("access_latency", 1, 4e-9, {{"bytes", 262144}}),
                     Make("cache_bandwidth", 2, 700e9, {{"bytes", 4096}}),
                     Make("cache_bandwidth", 2, 40e9, {{"bytes", 67108864}}),
                     Make("cache_bandwidth", 1, 350e9, {{"bytes", 4096}}),
                     Make("cache_bandwidth", 1, 30e9, {{"bytes", 67108864}}),
                     Make("cache_size", 1, 49152,
                          {{"level", 1}, {"described_bytes", 32768}, {"latency_s", 1.1e-9}}),
                     Make("cache_size", 1, 1048576,
                          {{"level", 2}, {"described_bytes", nullptr}, {"latency_s", 4e-9}})};
  return result;
}

TEST(Curves, AreGatheredInOrder) {
  const std::vector<Curve> curves = CurvesOf(Measured());
  ASSERT_THAT(curves, SizeIs(3));
  EXPECT_EQ(curves[0].threads, 1);
  EXPECT_EQ(curves[1].threads, 2);
  EXPECT_EQ(curves[2].metric, "access_latency");
  ASSERT_THAT(curves[2].points, SizeIs(3));
  EXPECT_EQ(curves[2].points[0].bytes, 4096);
  EXPECT_EQ(curves[2].points[2].value, 80e-9);
}

TEST(Curves, AreNoRoofs) {
  const std::vector<Roof> roofs = RoofsOf(Measured());
  ASSERT_THAT(roofs, SizeIs(1));
  EXPECT_EQ(roofs[0].how, "8 streams a thread, 2 MiB pages");
}

TEST(Curves, StandHostileParams) {
  Result result = Measured();
  for (Ceiling& ceiling : result.ceilings) ceiling.params = {{"bytes", "many"}, {"level", -1}};
  EXPECT_THAT(CurvesOf(result), IsEmpty());
  EXPECT_NO_THROW(RenderConsole(result, {}));
  for (Ceiling& ceiling : result.ceilings) ceiling.params = {{"bytes", 4096}};
  for (Ceiling& ceiling : result.ceilings) ceiling.value = -1;
  EXPECT_NO_THROW(RenderHtml(result, {}));
}

TEST(Curves, CachesSayBothSizes) {
  const std::vector<SeenCache> caches = SeenCachesOf(Measured());
  ASSERT_THAT(caches, SizeIs(2));
  EXPECT_EQ(Describe(caches[0]), "L1: 48 KiB (described: 32 KiB), 1.100 ns");
  EXPECT_EQ(Describe(caches[1]), "L2: 1 MiB (not described), 4.000 ns");
}

TEST(Curves, StandInConsoleAndPage) {
  const std::string console = RenderConsole(Measured(), {});
  EXPECT_THAT(console, HasSubstr("Working set"));
  EXPECT_THAT(console, HasSubstr("4 KiB"));
  EXPECT_THAT(console, HasSubstr("L1: 48 KiB"));
  EXPECT_THAT(console, HasSubstr("What this device can do at most"));
  std::size_t begin = 0;
  for (std::size_t end; (end = console.find('\n', begin)) != std::string::npos; begin = end + 1) {
    EXPECT_LE(end - begin, 84u) << console.substr(begin, end - begin);  // bytes: µ and – have more
  }
  const std::string page = RenderHtml(Measured(), {});
  EXPECT_THAT(page, HasSubstr("Access latency by working set"));
  EXPECT_THAT(page, HasSubstr("8 streams a thread, 2 MiB pages"));
  EXPECT_THAT(page, HasSubstr("inferometer ceilings --full"));
  EXPECT_THAT(CurveSvg(CurvesOf(Measured()), {}, "T"), Not(HasSubstr("nan")));
  EXPECT_EQ(CurveSvg({}, {}, "T"), "");
}

}  // namespace
}  // namespace inferometer
