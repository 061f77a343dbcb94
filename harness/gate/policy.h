// A policy: what counts as a regression, how long a comparison may take, how noisy a machine is.
#ifndef INFEROMETER_HARNESS_GATE_POLICY_H_
#define INFEROMETER_HARNESS_GATE_POLICY_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/gate/gating.h"
#include "results/record.h"

namespace inferometer {

// What one build compared with itself showed on one machine; logarithms' sizes as shares.
struct RowNoise {
  std::string row;          // RowId
  double pair_p95 = 0;      // 95th percentile of a single pair's change
  double estimate_p95 = 0;  // of the estimate of the confirming stage
  double detectable = 0;    // the smallest change that is found in nine of ten cases
};

struct Calibration {
  nlohmann::json machine;   // MachineOf (fingerprint.h)
  std::string measured_at;  // RFC 3339, UTC
  std::size_t pairs = 0;
  std::vector<RowNoise> noise;
};

struct Policy {
  struct Threshold {
    std::string metric, workload = "*";  // patterns
    std::optional<double> threshold;     // empty: not gated
  };
  struct Requirement {
    std::string metric, workload;  // patterns
  };
  std::string description;
  std::vector<Threshold> thresholds;  // over those of gating.h; the last that matches counts
  std::vector<Requirement> required;
  bool inconclusive_fails = false;
  bool gate_outputs = true, gate_costs = true;  // exact values: hashes, costs
  std::size_t pairs = 6, confirm_pairs = 12;
  double max_run_time_s = 3600, arm_time_limit_s = 600;
  double control_limit = 0.02;
  std::size_t control_retries = 2;
  std::optional<Calibration> calibration;
};

// A policy file: parsed within limits and held against results/schema/policy-1.0.json. Throws
// Error(kInvalidInput) that names the key.
Policy ParsePolicy(std::string_view text, std::string_view name);
Policy ReadPolicy(const std::string& path);
nlohmann::json ToJson(const Policy& policy);

// What holds for one row.
struct RowLimit {
  Gating how = Gating::kRelative;
  double threshold = 0;  // raised to twice the noise floor where that is higher
  bool raised = false;
};
// `machine`: where the numbers come from; the noise of another machine is not used.
RowLimit LimitOf(const Policy& policy, const Record& record, bool paired,
                 const nlohmann::json& machine);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_GATE_POLICY_H_
