// Memory modules in the firmware's table of the machine (SMBIOS, DMTF DSP0134).
#ifndef INFEROMETER_PROBES_DMI_MEMORY_H_
#define INFEROMETER_PROBES_DMI_MEMORY_H_

#include <string>
#include <string_view>

namespace inferometer {

// "type: DDR5\ntransfers_per_s: 5600000000\nmodules: 2" from the structures of type 17 (memory
// device) of a table; lines that the table does not tell are absent. The slowest module counts.
// Serial numbers and maker's names are not read. Empty when there is no module; never throws.
std::string DescribeDmiMemory(std::string_view table);

}  // namespace inferometer

#endif  // INFEROMETER_PROBES_DMI_MEMORY_H_
