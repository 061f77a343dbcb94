// What must be equal before two results may be compared: the machine and how it was asked.
#ifndef INFEROMETER_HARNESS_GATE_FINGERPRINT_H_
#define INFEROMETER_HARNESS_GATE_FINGERPRINT_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "results/record.h"

namespace inferometer {

// The machine of a result, as flat text by name: processor, cores, instruction sets, graphics
// processors, operating system, power source and mode. Unknown facts are left out.
nlohmann::json MachineOf(const Result& result);

// "the processor differs: A and B", one line for each fact that both have and that differs.
std::vector<std::string> MachineDifferences(const nlohmann::json& base, const nlohmann::json& head);

// The same for how two results were measured: engine, suite's preset and seed.
std::vector<std::string> SettingDifferences(const Result& base, const Result& head);

// What differs and is no obstacle, worth a line: kernel, compiler, flags, memory.
std::vector<std::string> Remarks(const Result& base, const Result& head);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_GATE_FINGERPRINT_H_
