// The one exception type of the project, and the exit code that each kind of failure means.
#ifndef INFEROMETER_HARNESS_BASE_ERROR_H_
#define INFEROMETER_HARNESS_BASE_ERROR_H_

#include <stdexcept>
#include <string>

namespace inferometer {

// Exit codes of the program (README, "Exit codes").
enum class ExitCode : int {
  kOk = 0,
  kRowsFailed = 1,    // `run`, `verify`: some rows failed; `gate`, `ab`: regression confirmed
  kUsage = 2,         // an unknown flag, name or value
  kInconclusive = 3,  // too noisy to decide
  kIncomparable = 4,  // model, quant, device, power mode or suite differ
  kInvalidInput = 5,  // a file that is missing, truncated or malformed
  kImplausible = 6,   // a result that physics does not allow
  kRunFailed = 7,     // the run itself could not be carried out
  kTimeLimit = 8,     // `ab`, `calibrate`: a run hung and was ended
  kMissing = 9,       // `gate`, `ab`: a row that the base has, or the policy requires, is missing
};

// What went wrong, in words that name the thing and the remedy. Caught in two places only: the
// runner, where it becomes a `failed` row, and main, where it becomes a message and an exit code.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_BASE_ERROR_H_
