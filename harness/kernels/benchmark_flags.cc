// Checks Google Benchmark's flags before it sees them: for some values it prints its own help and
// ends the program.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "harness/base/text.h"
#include "harness/kernels/kernel_suite.h"

namespace inferometer {
namespace {

// Of Google Benchmark 1.7. What a later one adds is for it to judge.
const char* const kFlags[] = {"--benchmark_color",
                              "--benchmark_context",
                              "--benchmark_counters_tabular",
                              "--benchmark_display_aggregates_only",
                              "--benchmark_enable_random_interleaving",
                              "--benchmark_filter",
                              "--benchmark_format",
                              "--benchmark_list_tests",
                              "--benchmark_min_time",
                              "--benchmark_min_warmup_time",
                              "--benchmark_out",
                              "--benchmark_out_format",
                              "--benchmark_perf_counters",
                              "--benchmark_repetitions",
                              "--benchmark_report_aggregates_only",
                              "--benchmark_time_unit",
                              "--v"};

void CheckOneOf(std::string_view flag, std::string_view value,
                const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), value) != known.end()) return;
  throw Error(ExitCode::kUsage, fmt::format("{}: {}", flag, UnknownName("value", value, known)));
}

}  // namespace

std::vector<std::string> BenchmarkFlagNames() { return {std::begin(kFlags), std::end(kFlags)}; }

void CheckBenchmarkFlags(std::span<const std::string> flags) {
  const std::vector<std::string> known = BenchmarkFlagNames();
  for (const std::string& flag : flags) {
    const std::string name = flag.substr(0, flag.find('='));
    const bool has_value = name.size() < flag.size();
    const std::string value = has_value ? flag.substr(name.size() + 1) : std::string();
    if (std::find(known.begin(), known.end(), name) == known.end()) continue;
    const bool is_switch = name == "--benchmark_list_tests" || name.ends_with("_only") ||
                           name.ends_with("_tabular") || name.ends_with("_interleaving");
    if (!has_value && !is_switch) {
      throw Error(ExitCode::kUsage,
                  fmt::format("{} takes its value after '=': {}=VALUE", name, name));
    }
    if (name == "--benchmark_format" || name == "--benchmark_out_format") {
      CheckOneOf(name, value, {"console", "json", "csv"});
    }
    if (name == "--benchmark_time_unit") CheckOneOf(name, value, {"ns", "us", "ms", "s"});
    if (name == "--benchmark_out") CheckWritable(value);
  }
}

}  // namespace inferometer
