// The gate on real processes, again and again: minutes, so only `ci/test --long` runs it.
#include <gmock/gmock.h>

#include <atomic>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "harness/base/file.h"
#include "models/model.h"
#include "tests/harness/cli/program.h"

namespace inferometer {
namespace {

using nlohmann::json;

constexpr int kTimes = 10;

// Large enough that the time is spent in kernels, small enough that a repetition is over before a
// busy machine's scheduler takes the processor away.
void WriteModel(const std::string& path) {
  ModelShape shape;
  shape.name = "small";
  shape.family = "llama";
  shape.layers = 4;
  shape.width = 256;
  shape.heads = 4;
  shape.kv_heads = 2;
  shape.head_dim = 64;
  shape.rope_dim = 64;
  shape.feed_forward = 512;
  shape.vocab = 512;
  shape.context = 512;
  shape.tied_head = true;
  inferometer::WriteModel(SynthesizeModel(shape, "q8_0", 1), path);
}

// Another program that wants a whole processor while this object lives.
class Load {
 public:
  Load()
      : thread_([this] {
          volatile double x = 1;
          while (!stop_) x = x * 0.999 + 0.001;
        }) {}
  ~Load() {
    stop_ = true;
    thread_.join();
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

class Long : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* wanted = std::getenv("INFEROMETER_LONG_TESTS");
    if (wanted == nullptr || *wanted == '\0') {
      GTEST_SKIP() << "takes many minutes: ci/test --long runs it";
    }
    WriteModel(folder_ / "small.gguf");
  }

  // One comparison, of runs that end when their rows are known; what it saw goes to stdout, for
  // whoever judges the machine.
  Ended Compare(const std::string& head, int time) {
    const Ended ended =
        RunInferometer({"ab", "--base", INFEROMETER_PROGRAM, "--head", head, "--quiet", "--model",
                        "small.gguf", "--workload", "decode,prefill", "--threads", "1",
                        "--time-budget", "60", "--no-energy", "--json", "verdict.json"},
                       folder_.path());
    if (ended.code == 0 || ended.code == 1 || ended.code == 3) {
      const json verdict = json::parse(ReadText(folder_ / "verdict.json"));
      std::printf("%2d: exit code %d, %s pairs, %.0f s: %s\n", time, ended.code,
                  verdict["pairs"].dump().c_str(), verdict["duration_s"].get<double>(),
                  verdict["summary"].get<std::string>().c_str());
      for (const json& finding : verdict["findings"]) {
        if (finding["exact"] == true) continue;
        std::printf("    %-13s %-24s %s %s\n", finding["verdict"].get<std::string>().c_str(),
                    finding["label"].get<std::string>().c_str(), finding["change"].dump().c_str(),
                    finding["change_interval"].dump().c_str());
      }
      for (const json& note : verdict["notes"]) {
        std::printf("    note: %s\n", note.get<std::string>().c_str());
      }
      std::fflush(stdout);
    }
    return ended;
  }

  const TemporaryFolder folder_;
};

TEST_F(Long, TheSameBuildIsNeverARegression) {
  for (int time = 1; time <= kTimes; ++time) {
    const auto load = time % 2 == 0 ? std::make_unique<Load>() : nullptr;
    const Ended ended = Compare(INFEROMETER_PROGRAM, time);
    EXPECT_EQ(ended.code, 0) << ended.out << ended.err;
  }
}

TEST_F(Long, ABuildThatIsEightPercentSlowerIsAlwaysCaught) {
  for (int time = 1; time <= kTimes; ++time) {
    const Ended ended = Compare(INFEROMETER_SLOWED, time);
    EXPECT_EQ(ended.code, 1) << ended.out << ended.err;
  }
}

}  // namespace
}  // namespace inferometer
