// Arms as processes on this machine.
#include "harness/cli/ab_arms.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "harness/base/clock.h"
#include "harness/base/interrupt.h"
#include "harness/cli/terminal.h"
#include "harness/gate/control.h"

namespace inferometer {

std::vector<std::string> FlagsOfArm(const std::vector<std::string>& given) {
  std::vector<std::string> flags = given;
  const auto has = [&](std::string_view flag) {
    return std::find(flags.begin(), flags.end(), flag) != flags.end();
  };
  if (!has("--preset")) flags.insert(flags.end(), {"--preset", "quick"});
  if (!has("--no-wait")) flags.emplace_back("--no-wait");
  return flags;
}

Arms ArmsOf(const ArmCommand& base, const ArmCommand& head, double arm_time_limit_s, bool aloud) {
  const auto kernels = std::make_shared<ControlKernels>();
  const double start_s = NowSeconds();
  Arms arms;
  arms.run = [base, head, arm_time_limit_s](Side side, const Scope& scope) {
    return RunArm(side == Side::kBase ? base : head, scope, arm_time_limit_s);
  };
  arms.control = [kernels] { return kernels->Time(); };
  arms.now = NowSeconds;
  arms.stop = [] { return Interrupt::Signal() != 0; };
  arms.tell = [aloud, start_s](std::string_view what) {
    if (aloud) PrintErr(fmt::format("{:5.0f} s  {}\n", NowSeconds() - start_s, what));
  };
  return arms;
}

}  // namespace inferometer
