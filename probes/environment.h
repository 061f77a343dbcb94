// Whether this is a virtual machine or a container, and which.
#ifndef INFEROMETER_PROBES_ENVIRONMENT_H_
#define INFEROMETER_PROBES_ENVIRONMENT_H_

#include <string>

#include "probes/facts.h"
#include "probes/reader.h"

namespace inferometer {

struct Found {
  std::string value;   // "kvm", "docker" ...; "none" when that is known; empty when nothing tells
  std::string source;  // what told it
};

Found FindHypervisor(const Reader& reader);
Found FindContainer(const Reader& reader);

// "desktop", "laptop", "server" ... by the DMI chassis type; empty value when that tells nothing.
Found FindChassis(const Reader& reader);

// The fact busy_processes: up to five others that are running now or used more than a tenth of a
// processor since they started. No names: they would tell what a person does.
void AddBusyProcesses(const Reader& reader, Facts* facts);

}  // namespace inferometer

#endif  // INFEROMETER_PROBES_ENVIRONMENT_H_
