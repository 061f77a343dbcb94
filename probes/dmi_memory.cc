// Memory modules in the firmware's table of the machine.
#include "probes/dmi_memory.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace inferometer {
namespace {

constexpr std::uint8_t kMemoryDevice = 17, kEndOfTable = 127;

// DSP0134 3.7, table 77 "Memory Device: Type".
std::string_view TypeName(std::uint8_t type) {
  switch (type) {
    case 0x12:
      return "DDR";
    case 0x13:
      return "DDR2";
    case 0x18:
      return "DDR3";
    case 0x1a:
      return "DDR4";
    case 0x1b:
      return "LPDDR";
    case 0x1c:
      return "LPDDR2";
    case 0x1d:
      return "LPDDR3";
    case 0x1e:
      return "LPDDR4";
    case 0x20:
      return "HBM";
    case 0x21:
      return "HBM2";
    case 0x22:
      return "DDR5";
    case 0x23:
      return "LPDDR5";
    case 0x24:
      return "HBM3";
    default:
      return {};
  }
}

}  // namespace

std::string DescribeDmiMemory(std::string_view table) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(table[at]); };
  std::string_view type;
  std::uint32_t slowest = 0;
  int modules = 0;
  for (std::size_t at = 0; at + 4 <= table.size();) {
    const std::uint8_t kind = byte(at), length = byte(at + 1);
    if (kind == kEndOfTable || length < 4 || at + length > table.size()) break;
    // Offsets of table 76 "Memory Device (Type 17) structure".
    const auto word = [&](std::size_t offset) {
      return offset + 2 <= length ? byte(at + offset) | byte(at + offset + 1) << 8 : 0;
    };
    const int size = word(0x0c);  // 0: empty socket; 0xffff: unknown
    if (kind == kMemoryDevice && length > 0x12 && size != 0 && size != 0xffff) {
      ++modules;
      if (const auto name = TypeName(byte(at + 0x12)); !name.empty()) type = name;
      int speed = word(0x20);                                 // configured, MT/s
      if (speed == 0 || speed == 0xffff) speed = word(0x15);  // rated
      if (speed > 0 && speed < 0xffff) {
        slowest = slowest == 0 ? static_cast<std::uint32_t>(speed)
                               : std::min(slowest, static_cast<std::uint32_t>(speed));
      }
    }
    // The strings behind the structure end with two zero bytes.
    const auto end = table.find(std::string_view("\0\0", 2), at + length);
    if (end == std::string_view::npos) break;
    at = end + 2;
  }
  if (modules == 0) return "";
  std::string text;
  if (!type.empty()) text += "type: " + std::string(type) + "\n";
  if (slowest > 0) text += "transfers_per_s: " + std::to_string(slowest) + "000000\n";
  return text + "modules: " + std::to_string(modules);
}

}  // namespace inferometer
