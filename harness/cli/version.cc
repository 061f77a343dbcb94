// What this build is.
#include "harness/cli/version.h"

namespace inferometer {
std::string VersionText() { return "inferometer " INFEROMETER_VERSION "\n"; }
}  // namespace inferometer
