// The order of the checks, and those of bytes, place and signature.
#include "results/submit/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "results/json.h"
#include "results/submit/checks.h"
#include "results/submit/minisign.h"
#include "results/submit/personal_data.h"
#include "results/submit/publish.h"
#include "results/validate_schema.h"

namespace inferometer {
namespace {

constexpr JsonLimits kLimits = {.size_bytes = std::size_t{4} << 20, .depth = 16};
constexpr std::size_t kMostResults = 20;  // of one change
constexpr std::size_t kMostShown = 10;    // findings of one kind

// The length of the UTF-8 sequence at the front, 0 when there is none (RFC 3629).
std::size_t SequenceLength(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (first == 0xE0 && at(1) < 0xA0) || (first == 0xF0 && at(1) < 0x90);
  const bool surrogate = first == 0xED && at(1) > 0x9F;
  return overlong || surrogate || (first == 0xF4 && at(1) > 0x8F) ? 0 : size;
}

std::optional<std::size_t> FirstBadByte(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t size = SequenceLength(text.substr(i));
    if (size == 0) return i;
    i += size;
  }
  return std::nullopt;
}

std::string_view IdOf(JsonFault fault) {
  switch (fault) {
    case JsonFault::kSize:
      return "too_large";
    case JsonFault::kDepth:
      return "too_deep";
    case JsonFault::kDuplicateKey:
      return "duplicate_key";
    case JsonFault::kNumber:
      return "number_range";
    case JsonFault::kSyntax:
      break;
  }
  return "not_json";
}

void CheckPlace(const Submission& submission, const nlohmann::json& document, Findings& findings) {
  if (submission.name.empty()) return;
  const std::string place = PlaceOf(submission.text, document);
  if (submission.name != place) {
    findings.push_back(MakeFinding("file_name", "", fmt::format("the bytes belong at {}", place)));
  }
}

void CheckSignature(const Submission& submission, const nlohmann::json& document,
                    Findings& findings) {
  if (submission.name.empty() && !submission.signature) return;  // not placed yet
  if (!submission.signature) {
    findings.push_back(MakeFinding("signature_missing", "",
                                   fmt::format("there is no {}.minisig", submission.name)));
    return;
  }
  const std::string key = document["run"]["publisher"]["public_key"].get<std::string>();
  const std::string why = WhyNotSigned(submission.text, *submission.signature, key);
  if (!why.empty()) findings.push_back(MakeFinding("signature_bad", "", why));
}

// All checks beyond the schema, which `document` has passed.
void CheckContent(const Submission& submission, const Archive& archive,
                  const nlohmann::json& document, Findings& findings) {
  CheckPlace(submission, document, findings);
  CheckSignature(submission, document, findings);
  CheckStatistics(document, findings);
  CheckTokens(document, findings);
  Result result;
  try {
    result = FromJson(document);
  } catch (const Error& error) {
    if (findings.empty() || ExitCodeOf(findings) == ExitCode::kOk) {
      findings.push_back(MakeFinding("inconsistent", "", error.what()));
    }
    return;
  }
  CheckRun(result, findings);
  CheckModels(result, findings);
  CheckScores(document, result, findings);
  CheckPhysics(result, findings);
  CheckCopies(result, archive, findings);
  CheckPeers(result, archive, findings);
}

// The first findings of each kind, and how many more there are.
Findings Shorten(const Findings& all) {
  Findings findings;
  for (const FindingKind& kind : FindingKinds()) {
    std::size_t count = 0;
    for (const Finding& finding : all) {
      if (finding.kind == &kind && ++count <= kMostShown) findings.push_back(finding);
    }
    if (count > kMostShown) {
      findings.push_back(
          MakeFinding(kind.id, "", fmt::format("and {} more of this kind", count - kMostShown)));
    }
  }
  return findings;
}

}  // namespace

std::optional<nlohmann::json> CheckBytes(std::string_view text, Findings& findings) {
  const auto refuse = [&](std::string_view id, const std::string& what) {
    findings.push_back(MakeFinding(id, "", what));
    return std::nullopt;
  };
  if (text.size() > kLimits.size_bytes) {
    return refuse("too_large",
                  fmt::format("{} bytes; at most {}", text.size(), kLimits.size_bytes));
  }
  if (const auto at = FirstBadByte(text)) return refuse("not_utf8", fmt::format("byte {}", *at));
  if (text.starts_with("\xEF\xBB\xBF")) return refuse("not_utf8", "begins with a byte order mark");
  if (const auto problem = InspectJson(text, kLimits)) {
    return refuse(IdOf(problem->fault), problem->what.substr(0, 300));
  }
  return nlohmann::json::parse(text);
}

std::vector<Finding> Validate(const Submission& submission, const Archive& archive) {
  Findings findings;
  const std::optional<nlohmann::json> document = CheckBytes(submission.text, findings);
  if (document) {
    for (const SchemaFinding& found : ValidateSchema(*document, SchemaName::kPublish)) {
      findings.push_back(MakeFinding("schema", found.path, found.what));
    }
    // A published file is read as a result, too.
    if (findings.empty()) {
      for (const SchemaFinding& found : ValidateSchema(*document)) {
        findings.push_back(MakeFinding("schema", found.path, found.what));
      }
    }
    const bool sound = findings.empty();
    for (const PersonalData& found : FindPersonalData(*document)) {
      findings.push_back(
          MakeFinding("personal_data", found.path, fmt::format("looks like {}", found.what)));
    }
    if (sound) CheckContent(submission, archive, *document, findings);
  }
  findings = Shorten(findings);
  for (Finding& finding : findings) finding.file = submission.name;
  return findings;
}

std::vector<Change> ParseChanges(std::string_view text) {
  std::vector<Change> changes;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty()) continue;
    const std::size_t tab = line.find('\t');
    if (tab == 0 || tab == std::string_view::npos || tab + 1 == line.size()) {
      throw Error(
          ExitCode::kInvalidInput,
          fmt::format("line {} of the changes is not 'STATUS<tab>PATH': give what `git diff "
                      "--name-status --no-renames` prints",
                      number));
    }
    changes.push_back({line[0], std::string(line.substr(tab + 1))});
  }
  return changes;
}

Additions AdditionsOf(const std::vector<Change>& changes, const std::string& folder) {
  Additions additions;
  const std::string prefix = folder + "/";
  std::vector<std::string> signatures;
  const auto refuse = [&](const std::string& path, const std::string& what) {
    additions.findings.push_back(MakeFinding("only_additions", "", what));
    additions.findings.back().file = path;
  };
  for (const Change& change : changes) {
    const std::string& path = change.path;
    if (!path.starts_with(prefix) || path.find("..") != std::string::npos) {
      refuse(path, "lies outside " + folder);
    } else if (change.status != 'A') {
      refuse(path, change.status == 'D' ? "is deleted; what is published stays"
                                        : "is changed; what is published stays");
    } else if (path.ends_with(".json")) {
      additions.results.push_back(path.substr(prefix.size()));
    } else if (path.ends_with(".json.minisig")) {
      signatures.push_back(path.substr(prefix.size(), path.size() - prefix.size() - 8));
    } else {
      refuse(path, "is neither a result nor the signature of one");
    }
  }
  for (const std::string& of : signatures) {
    if (std::find(additions.results.begin(), additions.results.end(), of) ==
        additions.results.end()) {
      refuse(prefix + of + ".minisig",
             "is the signature of a result that this change does not add");
    }
  }
  if (additions.results.size() > kMostResults) {
    additions.findings.push_back(
        MakeFinding("too_many", "",
                    fmt::format("{} results; at most {}", additions.results.size(), kMostResults)));
  }
  return additions;
}

}  // namespace inferometer
