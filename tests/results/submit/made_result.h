// A made-up leaderboard result that passes every check, to be spoilt by tests.
#ifndef INFEROMETER_TESTS_RESULTS_SUBMIT_MADE_RESULT_H_
#define INFEROMETER_TESTS_RESULTS_SUBMIT_MADE_RESULT_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "results/record.h"
#include "results/submit/finding.h"
#include "results/submit/minisign.h"

namespace inferometer {

struct MadeOptions {
  std::uint64_t seed = 1;  // of the noise, and of the run's id
  double speed = 1;        // factor on every rate
  bool gpu = false;        // rows of a discrete GPU beside the processor's
  double gpu_speed = 10;   // its rates over the processor's
  int tokens = 32;         // of each decode
};

// On a laptop with 60 GB/s: decode at depths 0 and 2048, prefill of 512 tokens, smollm2-135m q8_0.
Result MadeResult(const MadeOptions& options = {});

// A result published by a key: its text, its place and its signature.
struct Published {
  std::string name, text, signature;
};
Published Publish(const nlohmann::json& result, const SecretKey& key);
// Of a document that is published already, as it is.
Published Resign(const nlohmann::json& document, const SecretKey& key);

// The ids that validation gives, each once, in the table's order.
std::vector<std::string> IdsOf(const std::vector<Finding>& findings);

// One key for all tests, made on first use.
const SecretKey& TestKey();

}  // namespace inferometer

#endif  // INFEROMETER_TESTS_RESULTS_SUBMIT_MADE_RESULT_H_
