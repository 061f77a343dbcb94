// The parts of validation, by what they look at. Each adds to `findings`.
#ifndef INFEROMETER_RESULTS_SUBMIT_CHECKS_H_
#define INFEROMETER_RESULTS_SUBMIT_CHECKS_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "results/record.h"
#include "results/submit/archive.h"
#include "results/submit/finding.h"
#include "results/submit/known_models.h"

namespace inferometer {

using Findings = std::vector<Finding>;

// Size, encoding, syntax, depth, keys; the document when all of them are well.
std::optional<nlohmann::json> CheckBytes(std::string_view text, Findings& findings);

// Statistics of rows and roofs against their samples. `document` is valid against the schema.
void CheckStatistics(const nlohmann::json& document, Findings& findings);
// Token times: their order, their number, and the samples that they give.
void CheckTokens(const nlohmann::json& document, Findings& findings);

// Preset, seed, completeness, quiet, repetitions, build.
void CheckRun(const Result& result, Findings& findings);
// Conformance, model, price.
void CheckModels(const Result& result, Findings& findings);
// Scores against the rows.
void CheckScores(const nlohmann::json& document, const Result& result, Findings& findings);
// Roofs of the run, roofs of the catalogue, duration, the path that was taken.
void CheckPhysics(const Result& result, Findings& findings);
// Copies within the result, and against what is published.
void CheckCopies(const Result& result, const Archive& archive, Findings& findings);
// Outliers among results of the same device and model.
void CheckPeers(const Result& result, const Archive& archive, Findings& findings);

// What a unit of a row's work moves and computes, from the model's plan; empty where the catalogue
// has no such model, or the workload no such price.
std::optional<Price> PriceOf(const Record& record);

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_SUBMIT_CHECKS_H_
