// Names of processor designs, from the numbers by which processors identify themselves.
#ifndef INFEROMETER_PROBES_CPU_NAMES_H_
#define INFEROMETER_PROBES_CPU_NAMES_H_

#include <string_view>

namespace inferometer {

// The microarchitecture of an x86 processor; empty when the table has no such model.
std::string_view X86Microarchitecture(std::string_view vendor, int family, int model, int stepping);

// Whether a design named above has AMX: hypervisors tell models that are not the processor's.
bool X86HasTiles(std::string_view design);

// The designer of an Arm core (MIDR_EL1 bits 31:24); empty when unknown.
std::string_view ArmImplementer(int implementer);
// The core's name (MIDR_EL1 bits 15:4); empty when unknown.
std::string_view ArmPart(int implementer, int part);

}  // namespace inferometer

#endif  // INFEROMETER_PROBES_CPU_NAMES_H_
