// A result file read back: parsed within limits, held against the schema, then typed.
#ifndef INFEROMETER_RESULTS_RESULT_FILE_H_
#define INFEROMETER_RESULTS_RESULT_FILE_H_

#include <string>
#include <string_view>

#include "results/record.h"

namespace inferometer {

// "ok", "unsupported", "skipped", "failed".
std::string_view NameOf(Status status);

// The result in a JSON text; `name` stands for it in messages. Throws Error(kInvalidInput) that
// names the key and what is wrong with it.
Result ParseResult(std::string_view text, std::string_view name);

// The same for a file.
Result ReadResult(const std::string& path);

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_RESULT_FILE_H_
