// What one process learns from the GPU drivers that it loads: run in a child, since drivers crash.
#ifndef INFEROMETER_PROBES_GPU_DRIVER_H_
#define INFEROMETER_PROBES_GPU_DRIVER_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace inferometer {

// {"status", "reason", "loader", "loader_version", "devices": [...]}. The status is "ok", "no
// loader", "no driver", "no device" or "not built"; anything but ok has a reason. The fields of a
// device are those of kVulkanFields and kOpenClFields (gpu_fields.h), and "identity" beside them,
// which only serves to join entries and is dropped by the parent.
nlohmann::json DescribeVulkan();
nlohmann::json DescribeOpenCl();

// Text of a driver: up to the first NUL or `size` bytes, whichever comes first.
template <std::size_t size>
std::string DriverText(const char (&text)[size]) {
  const std::string_view whole(text, size);
  return std::string(whole.substr(0, whole.find('\0')));
}

// "0a3f..." of bytes; empty when all are zero, which is what drivers leave that know no UUID.
std::string HexOf(const unsigned char* bytes, std::size_t size);
// "10de" of a PCI id.
std::string PciId(std::uint32_t id);
// "0000:03:00.0", as sysfs writes it.
std::string PciAddress(std::uint32_t domain, std::uint32_t bus, std::uint32_t device,
                       std::uint32_t function);
// Whether a driver of this name computes on the processor (llvmpipe, SwiftShader ...).
bool IsSoftwareName(std::string_view name);

}  // namespace inferometer

#endif  // INFEROMETER_PROBES_GPU_DRIVER_H_
