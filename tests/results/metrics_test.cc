// The metric table agrees with everything that repeats it.
#include "results/metrics.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "results/metrics_markdown.h"
#include "results/validate_schema.h"
#include "tests/generated_section.h"

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
  ExpectSection("results/README.md", "metrics", MetricsMarkdown());
}

}  // namespace
}  // namespace inferometer
