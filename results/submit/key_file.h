// The file of the secret key that submissions are signed with.
#ifndef INFEROMETER_RESULTS_SUBMIT_KEY_FILE_H_
#define INFEROMETER_RESULTS_SUBMIT_KEY_FILE_H_

#include <string>

#include "results/submit/minisign.h"

namespace inferometer {

// Where the key lies when none is named: $XDG_CONFIG_HOME/inferometer/submit.key, or below
// ~/.config. Throws Error(kUsage) when neither variable is set.
std::string DefaultKeyPath();

// Makes a key: `path` for its owner alone, and `path` with .pub in place of .key. Folders are made
// as needed. Throws Error(kUsage) when one of the files is there: a key is never overwritten.
void MakeKeyFile(const std::string& path);

// Throws Error(kInvalidInput) with what to do: when there is no key, when others may read it, when
// it is damaged or has a password.
SecretKey ReadKeyFile(const std::string& path);

// "x.key" -> "x.pub", anything else: ".pub" behind it.
std::string PublicKeyPath(const std::string& path);

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_SUBMIT_KEY_FILE_H_
