// The shared sample result and the files of the tests.
#ifndef INFEROMETER_TESTS_RESULTS_FIXTURES_H_
#define INFEROMETER_TESTS_RESULTS_FIXTURES_H_

#include <nlohmann/json.hpp>
#include <string>

#include "harness/base/file.h"

namespace inferometer {

inline std::string SampleText() {
  return ReadText(std::string(INFEROMETER_TEST_DIR) + "/fixtures/results/sample.json");
}

inline nlohmann::json SampleJson() { return nlohmann::json::parse(SampleText()); }

}  // namespace inferometer

#endif  // INFEROMETER_TESTS_RESULTS_FIXTURES_H_
