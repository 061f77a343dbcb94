// The metric table agrees with everything that repeats it.
#include "results/metrics.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

#include "harness/base/file.h"
#include "results/metrics_markdown.h"
#include "results/validate_schema.h"

namespace inferometer {
namespace {

TEST(Metrics, NamesAreUniqueAndComplete) {
  std::set<std::string_view> names;
  for (const Metric& metric : Metrics()) {
    EXPECT_TRUE(names.insert(metric.name).second) << metric.name;
    EXPECT_FALSE(metric.unit.empty());
    EXPECT_TRUE(metric.help.ends_with('.')) << metric.name;
    EXPECT_GT(metric.ci_target, 0);
    EXPECT_EQ(FindMetric(metric.name), &metric);
  }
  EXPECT_EQ(FindMetric("decode"), nullptr);
  EXPECT_EQ(FindMetric(""), nullptr);
}

TEST(Metrics, SchemaNamesThemAll) {
  std::set<std::string> names, definitions, units;
  for (const Metric& metric : Metrics()) {
    names.emplace(metric.name);
    definitions.emplace(metric.definition);
    units.emplace(metric.unit);
  }
  const nlohmann::json schema = nlohmann::json::parse(SchemaText());
  for (const char* kind : {"record", "ceiling"}) {
    const nlohmann::json& keys = schema["$defs"][kind]["properties"];
    EXPECT_EQ(keys["metric"]["enum"].get<std::set<std::string>>(), names) << kind;
    EXPECT_EQ(keys["definition"]["enum"].get<std::set<std::string>>(), definitions) << kind;
    EXPECT_EQ(keys["unit"]["enum"].get<std::set<std::string>>(), units) << kind;
  }
}

TEST(Metrics, ReadmeIsNotStale) {
  const std::string path = std::string(INFEROMETER_TEST_DIR) + "/../results/README.md";
  const std::string begin = "<!-- metrics -->\n", end = "<!-- /metrics -->";
  std::string text = ReadText(path);
  const std::size_t from = text.find(begin), to = text.find(end);
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  const std::size_t at = from + begin.size();
  if (std::getenv("INFEROMETER_UPDATE_GOLDEN") != nullptr) {
    text.replace(at, to - at, MetricsMarkdown());
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  EXPECT_EQ(text.substr(at, to - at), MetricsMarkdown())
      << "run the tests with INFEROMETER_UPDATE_GOLDEN=1";
}

}  // namespace
}  // namespace inferometer
