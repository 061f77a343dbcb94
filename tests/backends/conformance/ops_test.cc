// Every op in every format on awkward shapes, on every device.
#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "harness/runner/conformance.h"
#include "tests/backends/conformance/devices.h"

namespace inferometer {
namespace {

const std::vector<OpCase>& AllCases() {
  static const std::vector<OpCase> cases = ConformanceCases();
  return cases;
}

std::vector<std::string> OpNames() {
  std::set<std::string> names;
  for (const OpCase& c : AllCases()) names.emplace(NameOf(c.op));
  return {names.begin(), names.end()};
}

class OpConformance : public testing::TestWithParam<std::tuple<std::string, std::string>> {};

TEST_P(OpConformance, EqualsTheReference) {
  const auto& [id, op] = GetParam();
  const std::unique_ptr<Device> device = OpenDevice(id), reference = OpenReference();
  int ran = 0, failed = 0;
  std::string why_not;
  for (const OpCase& c : AllCases()) {
    if (NameOf(c.op) != op || (Quick() && !c.quick)) continue;
    const CaseResult result = RunCase(*device, *reference, c);
    if (!result.why_not.empty()) {
      why_not = c.name + ": " + result.why_not;
      continue;
    }
    ++ran;
    if (result.Pass()) continue;
    if (++failed <= 10) {
      ADD_FAILURE() << id << ": " << c.name << ": NMSE " << result.nmse << ", limit "
                    << result.limit;
    }
  }
  EXPECT_EQ(failed, 0) << "of " << ran << " cases";
  if (ran == 0) GTEST_SKIP() << id << " supports no case of " << op << ": " << why_not;
  if (!why_not.empty()) std::printf("unsupported: %s\n", why_not.c_str());
}

INSTANTIATE_TEST_SUITE_P(Devices, OpConformance,
                         testing::Combine(testing::ValuesIn(DeviceIds()),
                                          testing::ValuesIn(OpNames())),
                         [](const auto& p) {
                           return TestName(std::get<0>(p.param) + "_" + std::get<1>(p.param));
                         });

TEST(ConformanceCasesTest, CoverEveryOpEveryFormatAndTheQuickSubset) {
  std::set<std::string> all, quick, names;
  std::set<std::size_t> ops;
  for (const OpCase& c : AllCases()) {
    std::string key(NameOf(c.op));
    if (const auto* o = std::get_if<MatMul>(&c.op)) key += FormatOf(o->format).name;
    if (const auto* o = std::get_if<ExpertMatMul>(&c.op)) key += FormatOf(o->format).name;
    if (const auto* o = std::get_if<Embed>(&c.op)) key += FormatOf(o->format).name;
    all.insert(key);
    if (c.quick) quick.insert(key);
    ops.insert(c.op.index());
    names.insert(c.name);
  }
  // All but the six synthetic loads; three ops in every format and nine others.
  EXPECT_EQ(ops.size(), std::variant_size_v<Op> - 6);
  EXPECT_EQ(all.size(), 3 * Formats().size() + 9);
  for (const std::string& key : all) {
    // Rows of 256 and more values are left out of the quick lookups.
    if (key.starts_with("embed")) continue;
    EXPECT_TRUE(quick.contains(key)) << key << " has no quick case";
  }
  EXPECT_GT(names.size(), AllCases().size() * 9 / 10) << "names should tell cases apart";
}

// A backend without a device says why, by name.
class BackendOpens : public testing::TestWithParam<std::string> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(BackendOpens);

TEST_P(BackendOpens, OrSaysWhyNot) {
  for (const Backend& backend : Backends()) {
    if (backend.name != GetParam() || !backend.open({}).empty()) continue;
    const std::string why = backend.why_none();
    ASSERT_FALSE(why.empty());
    GTEST_SKIP() << backend.name << " has no device here: " << why;
  }
}

std::vector<std::string> BackendNames() {
  std::vector<std::string> names;
  for (const Backend& backend : Backends()) names.emplace_back(backend.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Backends, BackendOpens, testing::ValuesIn(BackendNames()),
                         [](const auto& p) { return TestName(p.param); });

}  // namespace
}  // namespace inferometer
