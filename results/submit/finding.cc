// The kinds of findings as a table.
#include "results/submit/finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace inferometer {
namespace {

using enum Severity;

constexpr FindingKind kKinds[] = {
    {"only_additions", kInvalid,
     "The change does something else than add results and their signatures below results/public."},
    {"too_many", kInvalid, "One change adds more than 20 results."},
    {"file_name", kInvalid,
     "The name is not <year>/<month>/<first 16 digits of the SHA-256>.json, of this file and of "
     "the month in it."},
    {"signature_missing", kInvalid, "There is no signature beside the result."},
    {"signature_bad", kInvalid,
     "The signature is not one over these bytes by the key that the result names."},
    {"too_large", kInvalid, "The file has more than 4 MiB."},
    {"not_utf8", kInvalid, "The bytes are not UTF-8, or begin with a byte order mark."},
    {"not_json", kInvalid, "The text is not JSON; NaN and Infinity are none."},
    {"too_deep", kInvalid, "Values are nested deeper than 16 levels."},
    {"duplicate_key", kInvalid, "A key stands twice in one object."},
    {"number_range", kInvalid, "A number does not fit a double."},
    {"schema", kInvalid, "The document is not what results/schema/publish-1.0.json allows."},
    {"inconsistent", kInvalid,
     "Values contradict each other: a metric and its unit, a count and its list, two times."},
    {"personal_data", kInvalid,
     "A text looks like an address, a path, a name of a host, a number of a device or a phone."},
    {"not_leaderboard", kInvalid, "The run was not one of the preset `leaderboard`, with seed 1."},
    {"incomplete", kInvalid, "The run ended before its last case."},
    {"nothing_measured", kInvalid, "No row of decode or prefill is ok."},
    {"repetitions", kInvalid, "A row of rates has fewer than 5 samples."},
    {"conformance", kInvalid,
     "A row with a model was not held against the reference in its run, or failed, or the limit "
     "that it was held to is not the suite's."},
    {"model_mismatch", kInvalid,
     "A model of the catalogue does not have the hash or the bytes that it must have."},
    {"aggregate", kInvalid,
     "A statistic, a roof, a share of a roof or a score is not what the samples give."},
    {"token_times", kInvalid, "Times of tokens do not rise, or a sample is not what they give."},
    {"token_count", kInvalid, "There are not as many token times as the row says tokens."},
    {"price", kInvalid,
     "The bytes or operations of a token or a prompt are not those of the model."},
    {"duration", kImplausible, "The samples took longer than the whole run."},
    {"above_roof", kImplausible,
     "A rate is above 1.05 times the roof of its own run, and its data does not fit the "
     "last-level cache."},
    {"roof_above_catalogue", kImplausible,
     "A bandwidth is above 1.1 times what the memory of this device can give."},
    {"copied_samples", kImplausible,
     "Samples of measured times equal those of another row, or each other."},
    {"already_published", kInvalid,
     "The run, or a row of samples, is published already: by this key or by another."},
    {"software_unmarked", kImplausible,
     "A device whose name is a software renderer's is not marked as one."},
    {"roof_above_memory", kReview,
     "A bandwidth is above 1.1 times what this processor's maker names; memory modules may be "
     "faster than that."},
    {"not_quiet", kReview,
     "Other programs ran, the device was throttled or hot, or the machine never settled."},
    {"model_unknown", kReview, "The model is not in results/models.json, so its hash says little."},
    {"peers", kReview,
     "A rate is more than 4 MAD from the median of at least 5 results of this device and model."},
    {"no_roofs", kReview, "Rates stand without roofs of their own run to be held against."},
    {"slow_path", kWarn,
     "A GPU is as slow as the processor, or a rate is below 15 % of its roof: the work may have "
     "run elsewhere than the row says."},
    {"unofficial_build", kWarn, "The program was built from a changed tree, or says no commit."},
    {"device_unknown", kWarn,
     "The device is not in results/devices.json, so its roofs are held against nothing."},
    {"virtual", kWarn, "The run was in a virtual machine, which its neighbours slow down."},
};

}  // namespace

std::string_view NameOf(Severity severity) {
  switch (severity) {
    case kInvalid:
      return "invalid";
    case kImplausible:
      return "implausible";
    case kReview:
      return "review";
    case kWarn:
      break;
  }
  return "warn";
}

std::span<const FindingKind> FindingKinds() { return kKinds; }

const FindingKind& FindingKindOf(std::string_view id) {
  const auto found = std::find_if(std::begin(kKinds), std::end(kKinds),
                                  [id](const FindingKind& kind) { return kind.id == id; });
  if (found == std::end(kKinds)) {
    throw Error(ExitCode::kRunFailed, fmt::format("there is no kind of finding '{}'", id));
  }
  return *found;
}

Finding MakeFinding(std::string_view id, std::string path, std::string what) {
  return {&FindingKindOf(id), {}, std::move(path), std::move(what)};
}

ExitCode ExitCodeOf(std::span<const Finding> findings) {
  const auto has = [&](Severity severity) {
    return std::any_of(findings.begin(), findings.end(),
                       [severity](const Finding& f) { return f.kind->severity == severity; });
  };
  if (has(kInvalid)) return ExitCode::kInvalidInput;
  return has(kImplausible) ? ExitCode::kImplausible : ExitCode::kOk;
}

std::string Describe(const Finding& finding) {
  return fmt::format("{}{}{} {}: {}{}{}", finding.file, finding.file.empty() ? "" : ": ",
                     NameOf(finding.kind->severity), finding.kind->id, finding.path,
                     finding.path.empty() ? "" : ": ", finding.what);
}

std::string Describe(std::span<const Finding> findings) {
  std::string text;
  for (const Finding& finding : findings) text += Describe(finding) + "\n";
  return text;
}

std::string FindingsMarkdown() {
  std::string text = "| finding | severity | when |\n|---|---|---|\n";
  for (const FindingKind& kind : kKinds) {
    text += fmt::format("| `{}` | {} | {} |\n", kind.id, NameOf(kind.severity), kind.when);
  }
  return text;
}

}  // namespace inferometer
