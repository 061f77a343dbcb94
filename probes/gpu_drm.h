// Graphics processors that the kernel has a driver for.
#ifndef INFEROMETER_PROBES_GPU_DRM_H_
#define INFEROMETER_PROBES_GPU_DRM_H_

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "probes/reader.h"

namespace inferometer {

// One entry for each: name, vendor, pci_id, compatible, driver, type, renders, memory_bytes,
// source, and for joining "pci_address" and "render_node" (128 of renderD128).
nlohmann::json ReadDrm(const Reader& reader);

// "AMD" of "1002": PCI-SIG and Khronos vendor ids; empty when unknown.
std::string GpuVendorName(std::string_view id);

}  // namespace inferometer

#endif  // INFEROMETER_PROBES_GPU_DRM_H_
