// What every report says about a result in words: labels, groups, the device, the roofs.
#ifndef INFEROMETER_HARNESS_REPORT_ROWS_H_
#define INFEROMETER_HARNESS_REPORT_ROWS_H_

#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "harness/report/quantity.h"
#include "results/record.h"

namespace inferometer {

// All texts below are as they stand in the file: the caller escapes them.

// "decode @2048", "prefill 512 ttft": the workload, its point, and the metric unless it is the
// workload's main one.
std::string Label(const Record& record);

// "88 % memory", "61 % int8"; empty without a roofline.
std::string ShareOfRoof(const Record& record);

// "39.24 – 40.52" in the row's scale; "n < 6" where six repetitions would have been needed.
std::string IntervalText(const Record& record, const Scale& scale);

// What a reader must know about an ok row beyond its numbers; empty when there is nothing.
std::string Caveat(const Record& record);

// The rows of one model on one device, in their order.
struct Group {
  std::string heading;  // "llama-3.2-1b q4_k_m on cpu:avx2, 2 threads"
  std::vector<const Record*> records;
};
std::vector<Group> GroupsOf(const Result& result);

// One metric's ceilings on one device with one number of threads, over the whole run.
struct Roof {
  std::string metric, device, unit;
  int threads = 0;
  double low = 0, middle = 0, high = 0;  // of the values; middle is their median
  std::size_t n = 0;                     // times measured
  std::string how{};  // "8 streams a thread, 2 MiB pages": the way it was reached; may be empty
};
// Curves are left out (harness/report/curves.h).
std::vector<Roof> RoofsOf(const Result& result);

// "Sample CPU, 2 cores, 15.6 GiB, Debian GNU/Linux 12, laptop": as much of it as is known.
std::string DeviceLine(const Result& result);

// "Inferometer 0.1.0 (0123456), suite 1.0, preset standard, seed 1, 2026-05-04T10:15:00Z, 122 s".
std::string RunLine(const Result& result);

// Why the run ended before its last case; empty when it did not.
std::string IncompleteLine(const Result& result);

// The command that repeats the run: `inferometer run --preset standard ...`, quoted for a shell;
// a comment for an imported result.
std::string RepeatCommand(const Result& result);

// The text at a path of nested objects; numbers are printed, anything absent is empty.
std::string TextAt(const nlohmann::json& json, std::initializer_list<const char*> path);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_REPORT_ROWS_H_
