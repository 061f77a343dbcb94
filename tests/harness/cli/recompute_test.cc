// Every statistic of a fresh result equals what an independent script makes of its samples.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/base/file.h"
#include "results/result_file.h"
#include "results/statistics.h"
#include "tests/harness/cli/program.h"
#include "tests/harness/cli/tiny_model.h"
#include "tests/results/fixtures.h"

namespace inferometer {
namespace {

struct Verdict {
  int status = -1;
  std::string text;
};

Verdict Recompute(const std::string& result, const std::string& metrics) {
  const std::string command = std::string("'") + INFEROMETER_PYTHON + "' '" + INFEROMETER_TEST_DIR +
                              "/results/recompute.py' '" + result + "' '" + metrics + "' 2>&1";
  Verdict verdict;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return verdict;
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    verdict.text.append(buffer.data(), got);
  }
  verdict.status = ::pclose(pipe);
  return verdict;
}

class RecomputeScript : public ::testing::Test {
 protected:
  RecomputeScript() {
    WriteFile(folder_ / "metrics.json", RunInferometer({"list", "metrics", "--json"}).out);
  }
  void ExpectSame(const std::string& result) const {
    const Verdict verdict = Recompute(result, folder_ / "metrics.json");
    EXPECT_EQ(verdict.status, 0) << verdict.text;
    for (const char* what : {"median", "ci95", "outliers", "shape", "converged", "ceiling",
                             "decode_rate of token times"}) {
      EXPECT_NE(verdict.text.find(what), std::string::npos) << what << "\n" << verdict.text;
    }
  }
  const TemporaryFolder folder_;
};

TEST_F(RecomputeScript, AgreesWithAFreshRun) {
  WriteTinyModel(folder_ / "tiny.gguf");
  const Ended ended =
      RunInferometer({"run", "--preset", "quick", "--model", "tiny.gguf", "--time-budget", "60",
                      "--progress", "none", "--json", "r.json"},
                     folder_.path());
  ASSERT_EQ(ended.code, 0) << ended.err;
  std::size_t ok = 0;
  std::string reasons;
  const nlohmann::json result = nlohmann::json::parse(ReadText(folder_ / "r.json"));
  for (const nlohmann::json& record : result["records"]) {
    if (record["status"] == "ok") {
      ++ok;
    } else {
      reasons += record["reason"].get<std::string>() + "\n";
    }
  }
  ASSERT_GE(ok, 3u) << "too few rows were measured within the budget:\n" << reasons;
  ExpectSame(folder_ / "r.json");
}

TEST_F(RecomputeScript, AgreesWithTheSample) {
  ExpectSame(std::string(INFEROMETER_TEST_DIR) + "/fixtures/results/sample.json");
}

TEST_F(RecomputeScript, AgreesWithAnImport) {
  const std::string source =
      std::string(INFEROMETER_TEST_DIR) + "/fixtures/llama-bench/current.json";
  ASSERT_EQ(RunInferometer({"import", "llama-bench", source, "--json", folder_ / "i.json"}).code,
            0);
  const Verdict verdict = Recompute(folder_ / "i.json", folder_ / "metrics.json");
  EXPECT_EQ(verdict.status, 0) << verdict.text;
  EXPECT_NE(verdict.text.find("converged"), std::string::npos);
}

TEST_F(RecomputeScript, SeesAForgedMedian) {
  nlohmann::json forged = SampleJson();
  forged["records"][1]["median"] = forged["records"][1]["samples"][0];
  WriteFile(folder_ / "forged.json", forged.dump());
  const Verdict verdict = Recompute(folder_ / "forged.json", folder_ / "metrics.json");
  EXPECT_NE(verdict.status, 0);
  EXPECT_NE(verdict.text.find("records[1]"), std::string::npos) << verdict.text;
}

TEST(Statistics, OfTheSampleAreThoseInIt) {
  for (const Record& row : ParseResult(SampleText(), "sample.json").records) {
    if (row.status != Status::kOk) continue;
    Record again = row;
    PutStatistics(again);
    EXPECT_EQ(again.median, row.median);
    EXPECT_EQ(again.ci95, row.ci95);
    EXPECT_EQ(again.outliers, row.outliers);
    EXPECT_EQ(again.shape, row.shape);
    EXPECT_EQ(again.converged, row.converged);
  }
}

}  // namespace
}  // namespace inferometer
