// The score of a device on a tier of the suite (definition score_v1).
#ifndef INFEROMETER_RESULTS_SCORE_H_
#define INFEROMETER_RESULTS_SCORE_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "results/record.h"

namespace inferometer {

struct Score {
  std::string device, model, quant;
  std::string tier;             // "small"; empty when the model is no tier of the suite
  std::optional<double> value;  // 1000 at the reference rates
  std::string reason;           // why there is no value
};

// One tier of results/reference.json.
struct ReferenceTier {
  std::string name, model, quant;
  bool frozen = false;                                    // whether the rates below are set
  double prefill_512 = 0, decode_0 = 0, decode_2048 = 0;  // tok/s
};

std::span<const ReferenceTier> ReferenceTiers();

// 1000 times the geometric mean of the three rates, each over the tier's reference.
double ScoreV1(const ReferenceTier& tier, double prefill_512, double decode_0, double decode_2048);

// One score for each device and model in the records, in their order.
std::vector<Score> Scores(std::span<const Record> records);

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_SCORE_H_
