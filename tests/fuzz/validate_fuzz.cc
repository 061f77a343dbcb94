// Fuzzes the validation of published results, and the readers of signatures: nothing may come out
// but findings.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "results/json.h"
#include "results/record.h"
#include "results/submit/minisign.h"
#include "results/submit/validate.h"

namespace inferometer {
namespace {

// Aborts, which libFuzzer reports, when what validation promises does not hold.
void Require(bool holds) {
  if (!holds) std::abort();
}

void ValidateAndCheck(std::string_view text) {
  const std::vector<Finding> findings = Validate({.name = {}, .text = text, .signature = {}}, {});
  for (const Finding& finding : findings) Require(finding.kind != nullptr);
  // What is let through can be read.
  if (ExitCodeOf(findings) == ExitCode::kOk) FromJson(ParseJson(text, "fuzz"));
  constexpr std::string_view kKey = "RWQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  Require(!WhyNotSigned(text, text, kKey).empty());
}

}  // namespace
}  // namespace inferometer

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  inferometer::ValidateAndCheck({reinterpret_cast<const char*>(data), size});
  return 0;
}
