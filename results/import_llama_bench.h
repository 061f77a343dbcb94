// What llama.cpp's llama-bench measured, as a result of ours: two engines side by side.
#ifndef INFEROMETER_RESULTS_IMPORT_LLAMA_BENCH_H_
#define INFEROMETER_RESULTS_IMPORT_LLAMA_BENCH_H_

#include <string_view>

#include "results/record.h"

namespace inferometer {

// The tests in the text that `llama-bench -o json` (one array) or `-o jsonl` (an object on each
// line) wrote, any version since 2023; `name` stands for it in messages. A test of a prompt alone
// becomes a row of `prefill`, one of generation alone a row of `decode`, with all samples and
// without their statistics; one of both together a skipped row. What the text does not say is null
// with a reason, and warnings say where the definitions differ. Of file names the folder is left
// out. Throws Error(kInvalidInput) that names the test and the key: for text that is no such JSON,
// for tests that contradict themselves, and for tests of several builds or processors, which are
// several results.
Result ImportLlamaBench(std::string_view text, std::string_view name);

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_IMPORT_LLAMA_BENCH_H_
