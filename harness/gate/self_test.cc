// The gate's test of itself.
#include "harness/gate/self_test.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <tuple>
#include <vector>

#include "harness/base/random.h"
#include "harness/gate/interleave.h"
#include "harness/gate/stored.h"
#include "harness/stats/median.h"

namespace inferometer {
namespace {

// Each run is the median of three of the row's own samples, chosen by chance.
Result Rerun(const Result& subject, Random& random) {
  Result run = subject;
  for (Record& record : run.records) {
    if (record.status != Status::kOk || record.samples.empty()) continue;
    std::vector<double> three;
    for (int i = 0; i < 3; ++i) {
      three.push_back(record.samples[random.Below(record.samples.size())]);
    }
    record.median = Median(three);
  }
  return run;
}

Findings Interleaved(const Result& subject, const Policy& policy, double share) {
  Random random(1);
  double now_s = 0;
  const Result worse = MadeWorse(subject, share);
  Arms arms;
  arms.run = [&](Side side, const Scope&) {
    now_s += 1;
    return Rerun(side == Side::kHead ? worse : subject, random);
  };
  arms.control = [] { return std::map<std::string, double>{{"fixed", 1.0}}; };
  arms.now = [&now_s] { return now_s; };
  arms.stop = [] { return false; };
  arms.tell = [](std::string_view) {};
  return Interleave(arms, policy);
}

}  // namespace

SelfTestAnswer TestGate(const Result& subject, const Policy& policy) {
  const double share = TwiceTheThreshold(subject, policy);
  SelfTestAnswer answer;
  if (share <= 0) {
    return {ExitCode::kIncomparable, "There is no row that could be made worse.\n"};
  }
  Policy patient = policy;  // its time is not the subject's
  patient.max_run_time_s = 1e9;
  const auto judge = [&](const char* how, double injected, const Findings& findings) {
    const ExitCode code = ExitCodeOf(findings, policy);
    const ExitCode wanted = injected > 0 ? ExitCode::kRowsFailed : ExitCode::kOk;
    const bool undecided = Count(findings, Verdict::kInconclusive) > 0;
    const bool good = code == wanted || (injected == 0 && code == ExitCode::kInconclusive);
    answer.text +=
        fmt::format("{}: {} {:.0f} % worse gave exit code {}: {}\n", good ? "good" : "BAD ", how,
                    100 * injected, static_cast<int>(code), Summary(findings));
    if (good) return;
    const ExitCode fault = undecided ? ExitCode::kInconclusive : ExitCode::kRunFailed;
    if (answer.code != ExitCode::kRunFailed) answer.code = fault;
  };
  judge("stored,     ", 0, CompareStored(subject, subject, policy));
  judge("stored,     ", share, CompareStored(subject, MadeWorse(subject, share), policy));
  judge("interleaved,", 0, Interleaved(subject, patient, 0));
  judge("interleaved,", share, Interleaved(subject, patient, share));
  answer.text += answer.code == ExitCode::kOk
                     ? "The gate passes what did not change and catches what did.\n"
                     : "The gate does not do its work on these rows.\n";
  return answer;
}

Result MadeUpResult() {
  Result result;
  result.tool = {{"version", "made up"}, {"commit", nullptr}};
  result.run = {{"preset", "made up"}, {"seed", 1}};
  result.device = nlohmann::json::object();
  Random random(1);
  for (const auto& [workload, metric, value] :
       {std::tuple{"decode", "decode_rate", 40.0}, std::tuple{"decode", "itl_p95", 0.026},
        std::tuple{"prefill", "prefill_rate", 180.0}, std::tuple{"prefill", "ttft", 0.7}}) {
    Record record;
    record.workload = workload;
    record.metric = metric;
    record.model = ModelRef{"made-up", "q8_0", "", 1};
    record.backend = "cpu";
    record.device = record.requested = "cpu:made-up";
    record.threads = 1;
    for (int i = 0; i < 12; ++i) {
      record.samples.push_back(value * std::exp(0.005 * random.Normal()));
    }
    record.median = Median(record.samples);
    result.records.push_back(std::move(record));
  }
  return result;
}

}  // namespace inferometer
