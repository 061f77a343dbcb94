// `gate`: two stored results held against each other, unpaired.
#ifndef INFEROMETER_HARNESS_GATE_STORED_H_
#define INFEROMETER_HARNESS_GATE_STORED_H_

#include "harness/gate/findings.h"
#include "harness/gate/policy.h"
#include "results/record.h"

namespace inferometer {

// Rows by Mann–Whitney with the conjunction of rule.h; twice the thresholds of interleaved runs,
// since nothing cancels what the machine did in between. The roofs of both results are the control.
// Machines or settings that differ make every row incomparable.
Findings CompareStored(const Result& base, const Result& head, const Policy& policy);

// A copy whose gated rows are worse by `share` (0.1: a rate is 1/1.1 of what it was), the roofs as
// they were: what a test of the gate gives it to catch.
Result MadeWorse(const Result& result, double share);

// The share that MadeWorse needs for a change of twice the largest threshold of these rows.
double TwiceTheThreshold(const Result& result, const Policy& policy);

// Throws Error(kInvalidInput) naming the row where a median, its interval or a rate is not what the
// row's own samples and token times give: somebody edited it.
void CheckUnedited(const Result& result, const std::string& name);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_GATE_STORED_H_
