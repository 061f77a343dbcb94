// Rows of two results that are the same row, and what of them must be equal.
#ifndef INFEROMETER_HARNESS_GATE_ROW_H_
#define INFEROMETER_HARNESS_GATE_ROW_H_

#include <string>
#include <string_view>
#include <vector>

#include "results/record.h"

namespace inferometer {

// The name of a row: "decode depth=0 kv=f16 tokens=128 decode_rate smollm2-135m q8_0 cpu:avx2".
// What a repetition finds out (hashes, how a file was cached) is no part of it.
std::string RowId(const Record& record);

// The row with that name; null when there is none. A row that was measured wins over one that was
// not.
const Record* FindRow(const Result& result, std::string_view id);

// Why two rows of one name cannot be compared: "the model's bytes differ (aaaa... and bbbb...)",
// one line each; empty when they can. What a row does not say differs from nothing.
std::vector<std::string> RowDifferences(const Record& base, const Record& head);

// A value that a repetition cannot change: cost of the plan, bytes, hash of the output.
struct ExactValue {
  std::string name;      // "bytes", "flops", "generated_sha256"; the metric for one that is exact
  std::string text;      // as shown and compared
  double number = 0;     // for costs
  bool is_cost = false;  // less is better; else only equal is good
};
std::vector<ExactValue> ExactValues(const Record& record);

// `text` against a pattern of letters, '*' (any letters) and '?' (one).
bool Matches(std::string_view pattern, std::string_view text);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_GATE_ROW_H_
