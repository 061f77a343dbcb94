// Every warning has its cause, a remedy and its row in the documentation.
#include "harness/runner/warnings.h"

#include <gmock/gmock.h>

#include <functional>
#include <map>
#include <set>

#include "harness/base/error.h"
#include "tests/generated_section.h"

namespace inferometer {
namespace {

using ::testing::IsEmpty;

struct Case {
  Circumstances circumstances;
  Result result;
};

// A run without any doubt: measured on mains, cool, alone.
Case Quiet() {
  Case quiet;
  quiet.circumstances.timer_step_s = 1e-8;
  quiet.circumstances.shortest_s = 1;
  quiet.circumstances.shares = CpuShares{0.01, 0};
  quiet.circumstances.heat_before = {
      .hottest_c = 45, .margin_c = 50, .throttles = 3, .clock_hz = 4e9};
  quiet.circumstances.heat_after = {
      .hottest_c = 80, .margin_c = 15, .throttles = 3, .clock_hz = 4e9};
  quiet.circumstances.clocks_hz.assign(20, 4e9);
  quiet.circumstances.swapped_pages = 3;
  quiet.result.device = {{"power", {{"source", "mains"}, {"profile", "balanced"}}},
                         {"cpu", {{"governors", {{{"cpus", "0-3"}, {"governor", "performance"}}}}}},
                         {"memory", {{"transparent_huge_pages", "madvise"}}}};
  Record row;
  row.workload = "decode", row.metric = "decode_rate";
  row.backend = "cpu", row.device = "cpu:avx2", row.requested = "cpu";
  row.samples = {1}, row.converged = true, row.shape = "flat";
  quiet.result.records = {row};
  for (const double value : {100.0, 95.0}) {
    Ceiling ceiling;
    ceiling.metric = "read_bandwidth", ceiling.value = value;
    quiet.result.ceilings.push_back(ceiling);
  }
  return quiet;
}

std::vector<std::string> IdsOf(const Case& c) {
  std::vector<std::string> ids;
  for (const Warning& warning : WarningsOf(c.circumstances, c.result)) {
    ids.push_back(warning.id);
    EXPECT_FALSE(warning.message.empty());
    EXPECT_FALSE(warning.remedy.empty());
  }
  return ids;
}

TEST(Warnings, AQuietRunHasNone) {
  EXPECT_THAT(IdsOf(Quiet()), IsEmpty());
  EXPECT_THAT(WarningsOf({}, {}), IsEmpty());  // nothing known is no doubt
}

// What must be changed in a quiet run for each warning; several ways where there are several.
const std::multimap<std::string, std::function<void(Case&)>>& Causes() {
  static const std::multimap<std::string, std::function<void(Case&)>> kCauses = {
      {"on_battery", [](Case& c) { c.result.device["power"]["source"] = "battery"; }},
      {"low_power_profile", [](Case& c) { c.result.device["power"]["profile"] = "low-power"; }},
      {"low_power_profile", [](Case& c) { c.result.device["power"]["profile"] = "quiet"; }},
      {"governor",
       [](Case& c) {
         c.result.device["cpu"]["governors"].push_back({{"cpus", "4"}, {"governor", "powersave"}});
       }},
      {"hot_start", [](Case& c) { c.circumstances.heat_before.margin_c = 14; }},
      {"hot_start",
       [](Case& c) {
         c.circumstances.heat_before.margin_c.reset();
         c.circumstances.heat_before.hottest_c = 85;
       }},
      {"throttled", [](Case& c) { c.circumstances.heat_after.throttles = 4; }},
      {"throttled",
       [](Case& c) {
         for (std::size_t i = 12; i < 20; ++i) c.circumstances.clocks_hz[i] = 3.2e9;
       }},
      {"background_load", [](Case& c) { c.circumstances.shares->others = 0.06; }},
      {"steal_time", [](Case& c) { c.circumstances.shares->steal = 0.02; }},
      {"short_timer", [](Case& c) { c.circumstances.shortest_s = 5e-6; }},
      {"swapping", [](Case& c) { c.circumstances.swapped_pages = 300; }},
      {"debug_build", [](Case& c) { c.circumstances.debug_build = true; }},
      {"huge_pages_unavailable",
       [](Case& c) { c.result.device["memory"]["transparent_huge_pages"] = "never"; }},
      {"virtual_machine", [](Case& c) { c.circumstances.hypervisor = "kvm"; }},
      {"software_renderer", [](Case& c) { c.result.records[0].software = true; }},
      {"gpu_driver",
       [](Case& c) {
         c.result.device["gpu_apis"]["vulkan"] = {
             {"drivers", {{{"name", "bad"}, {"status", "hung"}, {"reason", "gave no answer"}}}}};
       }},
      {"not_converged", [](Case& c) { c.result.records[0].converged = false; }},
      {"unsteady", [](Case& c) { c.result.records[0].shape = "slowdown"; }},
      {"unsteady", [](Case& c) { c.result.records[0].shape = "none"; }},
      {"roof_drift", [](Case& c) { c.result.ceilings[1].value = 85; }},
      {"device_differs", [](Case& c) { c.result.records[0].requested = "cpu:avx512_vnni"; }},
      {"device_differs", [](Case& c) { c.result.records[0].requested = "vulkan"; }},
  };
  return kCauses;
}

TEST(Warnings, EachCauseGivesItsWarningAndNoOther) {
  for (const auto& [id, cause] : Causes()) {
    Case c = Quiet();
    cause(c);
    EXPECT_THAT(IdsOf(c), ::testing::ElementsAre(id));
  }
}

TEST(Warnings, EveryKindHasACauseInThisTestAndATextInTheTable) {
  std::set<std::string_view> ids;
  for (const WarningKind& kind : WarningKinds()) {
    EXPECT_TRUE(ids.insert(kind.id).second) << kind.id;
    EXPECT_EQ(kind.find != nullptr, Causes().contains(std::string(kind.id))) << kind.id;
    EXPECT_TRUE(kind.when.ends_with('.')) << kind.id;
    EXPECT_FALSE(kind.remedy.empty()) << kind.id;
    EXPECT_EQ(kind.when.find('|'), std::string_view::npos) << kind.id;
  }
}

TEST(Warnings, TheRequestedDeviceAndItsBackendAreNoDifference) {
  Case c = Quiet();
  for (const char* requested : {"", "cpu", "cpu:avx2"}) {
    c.result.records[0].requested = requested;
    EXPECT_THAT(IdsOf(c), IsEmpty()) << requested;
  }
}

TEST(Warnings, OnlyRowsWithNumbersCanFailToConverge) {
  Case c = Quiet();
  c.result.records[0].converged = false;
  c.result.records[0].status = Status::kUnsupported;
  EXPECT_THAT(IdsOf(c), IsEmpty());
}

TEST(Warnings, OneThatIsRaisedWhereItIsSeenComesFromTheTable) {
  EXPECT_EQ(MakeWarning("no_ceilings", "why").remedy, "its rows stand without a roofline");
  EXPECT_THROW(MakeWarning("no_such_warning", "why"), Error);
}

TEST(Warnings, ReadmeIsNotStale) {
  ExpectSection("results/README.md", "warnings", WarningsMarkdown());
}

}  // namespace
}  // namespace inferometer
