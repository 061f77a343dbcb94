// The gate tested by itself: no change must pass, a change of twice its thresholds must not.
#ifndef INFEROMETER_HARNESS_GATE_SELF_TEST_H_
#define INFEROMETER_HARNESS_GATE_SELF_TEST_H_

#include <string>

#include "harness/base/error.h"
#include "harness/gate/policy.h"
#include "results/record.h"

namespace inferometer {

struct SelfTestAnswer {
  ExitCode code = ExitCode::kOk;
  std::string text;  // what was injected, what the gate said; ends in a newline
};

// Both ways of comparing, on a result's own rows: as two stored results, and as interleaved arms
// whose runs are that result with its noise shuffled. kOk when the exit codes are 0 and 1;
// kInconclusive when the rows are too noisy for the injected change; else kRunFailed.
SelfTestAnswer TestGate(const Result& subject, const Policy& policy);

// A result with quiet rows of a few metrics, for where there is none at hand.
Result MadeUpResult();

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_GATE_SELF_TEST_H_
