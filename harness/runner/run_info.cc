// The time and the id of a run.
#include "harness/runner/run_info.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>

#include "harness/base/sha256.h"

namespace inferometer {

std::string NowUtc() {
  const auto now =
      std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
}

std::string RunIdOf(const Result& result, double start_s) {
  nlohmann::json identity = {result.run, result.tool, start_s};
  for (const Record& row : result.records) identity.push_back(row.samples);
  for (const Ceiling& ceiling : result.ceilings) identity.push_back(ceiling.samples);
  return Sha256Hex(identity.dump()).substr(0, 32);
}

}  // namespace inferometer
