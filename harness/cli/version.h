// What this build is.
#ifndef INFEROMETER_HARNESS_CLI_VERSION_H_
#define INFEROMETER_HARNESS_CLI_VERSION_H_

#include <string>

namespace inferometer {

// "inferometer 0.1.0\ncommit ...\ncompiler ...\n".
std::string VersionText();

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_CLI_VERSION_H_
