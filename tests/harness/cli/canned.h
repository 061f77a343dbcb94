// Result files that arms of a comparison print, made of the shared sample.
#ifndef INFEROMETER_TESTS_HARNESS_CLI_CANNED_H_
#define INFEROMETER_TESTS_HARNESS_CLI_CANNED_H_

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/results/fixtures.h"

namespace inferometer {

// The sample's rows that were measured, so that the file is short; every value times `factor`,
// statistics included.
inline nlohmann::json Canned(double factor = 1) {
  nlohmann::json result = SampleJson();
  nlohmann::json rows = nlohmann::json::array();
  for (nlohmann::json row : result["records"]) {
    if (row["status"] != "ok") continue;
    row["token_times_s"] = nlohmann::json::array();
    for (const char* key : {"samples", "ci95"}) {
      for (nlohmann::json& x : row[key]) x = x.get<double>() * factor;
    }
    row["median"] = row["median"].get<double>() * factor;
    row["cold"] = nullptr;
    row["absent"]["cold"] = "left out";
    rows.push_back(std::move(row));
  }
  result["records"] = std::move(rows);
  return result;
}

// The same with one row changed: the first of that metric.
inline nlohmann::json CannedBut(const std::string& metric,
                                const std::function<void(nlohmann::json& row)>& change) {
  nlohmann::json result = Canned();
  for (nlohmann::json& row : result["records"]) {
    if (row["metric"] != metric) continue;
    change(row);
    break;
  }
  return result;
}

}  // namespace inferometer

#endif  // INFEROMETER_TESTS_HARNESS_CLI_CANNED_H_
