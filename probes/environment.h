// Whether this is a virtual machine or a container, and which.
#ifndef INFEROMETER_PROBES_ENVIRONMENT_H_
#define INFEROMETER_PROBES_ENVIRONMENT_H_

#include <string>

#include "probes/reader.h"

namespace inferometer {

struct Finding {
  std::string value;   // "kvm", "docker" ...; "none" when that is known; empty when nothing tells
  std::string source;  // what told it
};

Finding FindHypervisor(const Reader& reader);
Finding FindContainer(const Reader& reader);

}  // namespace inferometer

#endif  // INFEROMETER_PROBES_ENVIRONMENT_H_
