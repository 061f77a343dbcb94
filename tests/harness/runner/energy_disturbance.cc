// A benchmark, not a test: decode rates with and without the energy sampler, in turn, and their
// ratio. Usage: energy_disturbance MODEL PAIRS
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/random.h"
#include "harness/runner/devices.h"
#include "harness/runner/energy.h"
#include "harness/runner/selection.h"
#include "harness/runner/session.h"
#include "harness/stats/hodges_lehmann.h"
#include "harness/stats/median.h"
#include "tests/probes/scratch.h"

namespace inferometer {
namespace {

const Measurement& Rate(const Repetition& repetition) { return repetition.measurements.front(); }

int Compare(const std::string& model_name, int pairs) {
  const Model model = OpenNamed(model_name, "", 1);
  DeviceChoice choice = ChooseDevices(Backends(), {{"cpu"}, {}, 0}, MainFormat(model), NowSeconds);
  Device& device = *choice.devices.front().device;

  // The real counters where they are open; a plain file, read as often, where there are none.
  SystemRoot root;
  std::optional<Scratch> stand_in;
  if (!SourceFor(FindPowerSources(Reader(root)), device.Info()).source) {
    stand_in.emplace();
    stand_in->Write("/sys/class/powercap/intel-rapl:0/name", "package-0\n");
    stand_in->Write("/sys/class/powercap/intel-rapl:0/energy_uj", "1000000\n");
    root = stand_in->root;
  }

  const Workload& decode = *FindWorkload("decode");
  const Case point{"decode", {{"depth", 0}, {"tokens", 64}, {"kv", "f16"}}};
  Session session(device, model, decode.limits(point).front());
  PromptCache cache;
  Random random(1);
  std::vector<std::int32_t> prompt;
  for (int i = 0; i < 64; ++i) {
    prompt.push_back(
        static_cast<std::int32_t>(random.Below(static_cast<std::uint64_t>(model.shape.vocab))));
  }
  Subject subject;
  subject.model = &model;
  subject.prompt = prompt;
  subject.now = NowSeconds;
  subject.sessions.push_back({&session, &cache});
  std::string source;
  const auto run = [&](bool with) {
    std::optional<Energy> energy;
    if (with) energy.emplace(root, std::vector<const DeviceInfo*>{&device.Info()}, NowSeconds);
    if (energy) source = energy->Of(device.Info().id).source;
    return Rate(decode.run(subject, point)).value;
  };
  run(true), run(false);  // warms up
  std::vector<double> logs, with, without;
  for (int pair = 0; pair < pairs; ++pair) {
    const bool first = pair % 2 == 0;  // A B B A
    const double a = run(first), b = run(!first);
    with.push_back(first ? a : b);
    without.push_back(first ? b : a);
    logs.push_back(std::log(with.back() / without.back()));
  }
  const Shift shift = PairedShift(logs);
  fmt::print("{} on {}, {} pairs in turn, {} read ten times a second\n", model.name,
             device.Info().id, pairs, stand_in ? "a file in place of a counter" : source);
  fmt::print("with the sampler {:.4g} tok/s, without {:.4g} tok/s\n", Median(with),
             Median(without));
  fmt::print("with / without: {:.4f}", std::exp(shift.estimate));
  if (shift.interval) {
    fmt::print(", 95 % interval {:.4f} to {:.4f}", std::exp(shift.interval->low),
               std::exp(shift.interval->high));
  }
  fmt::print("\n");
  return 0;
}

}  // namespace
}  // namespace inferometer

int main(int argc, char** argv) {
  const std::string model = argc > 1 ? argv[1] : "smollm2-135m";
  const int pairs = argc > 2 ? std::atoi(argv[2]) : 20;
  try {
    return inferometer::Compare(model, pairs > 0 ? pairs : 20);
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 7;
  }
}
