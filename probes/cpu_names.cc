// Names of processor designs, from the numbers by which processors identify themselves.
//
// Intel: Linux arch/x86/include/asm/intel-family.h. AMD: Linux arch/x86/kernel/cpu/amd.c
// (bsp_init_amd) and AMD's processor programming references. Arm: the MIDR_EL1 tables in the
// technical reference manual of each core, as collected in Linux arch/arm64/include/asm/cputype.h
// and util-linux sys-utils/lscpu-arm.c.
#include "probes/cpu_names.h"

namespace inferometer {
namespace {

struct Range {
  int family, first_model, last_model, first_stepping, last_stepping;
  std::string_view name;
};

constexpr Range kAmd[] = {
    {0x15, 0x00, 0x01, 0, 15, "Bulldozer"},   {0x15, 0x02, 0x1f, 0, 15, "Piledriver"},
    {0x15, 0x30, 0x3f, 0, 15, "Steamroller"}, {0x15, 0x60, 0x7f, 0, 15, "Excavator"},
    {0x16, 0x00, 0x0f, 0, 15, "Jaguar"},      {0x16, 0x30, 0x3f, 0, 15, "Puma"},
    {0x17, 0x08, 0x08, 0, 15, "Zen+"},        {0x17, 0x18, 0x18, 0, 15, "Zen+"},
    {0x17, 0x00, 0x2f, 0, 15, "Zen"},         {0x17, 0x50, 0x5f, 0, 15, "Zen"},
    {0x17, 0x30, 0x4f, 0, 15, "Zen 2"},       {0x17, 0x60, 0x7f, 0, 15, "Zen 2"},
    {0x17, 0x90, 0x91, 0, 15, "Zen 2"},       {0x17, 0xa0, 0xaf, 0, 15, "Zen 2"},
    {0x19, 0x00, 0x0f, 0, 15, "Zen 3"},       {0x19, 0x20, 0x3f, 0, 15, "Zen 3"},
    {0x19, 0x40, 0x4f, 0, 15, "Zen 3+"},      {0x19, 0x50, 0x5f, 0, 15, "Zen 3"},
    {0x19, 0x10, 0x1f, 0, 15, "Zen 4"},       {0x19, 0x60, 0xaf, 0, 15, "Zen 4"},
    {0x1a, 0x00, 0x2f, 0, 15, "Zen 5"},       {0x1a, 0x40, 0x4f, 0, 15, "Zen 5"},
    {0x1a, 0x60, 0x7f, 0, 15, "Zen 5"},
};

constexpr Range kIntel[] = {
    {6, 0x2a, 0x2a, 0, 15, "Sandy Bridge"},   {6, 0x2d, 0x2d, 0, 15, "Sandy Bridge"},
    {6, 0x3a, 0x3a, 0, 15, "Ivy Bridge"},     {6, 0x3e, 0x3e, 0, 15, "Ivy Bridge"},
    {6, 0x3c, 0x3c, 0, 15, "Haswell"},        {6, 0x3f, 0x3f, 0, 15, "Haswell"},
    {6, 0x45, 0x46, 0, 15, "Haswell"},        {6, 0x3d, 0x3d, 0, 15, "Broadwell"},
    {6, 0x47, 0x47, 0, 15, "Broadwell"},      {6, 0x4f, 0x4f, 0, 15, "Broadwell"},
    {6, 0x56, 0x56, 0, 15, "Broadwell"},      {6, 0x4e, 0x4e, 0, 15, "Skylake"},
    {6, 0x5e, 0x5e, 0, 15, "Skylake"},        {6, 0x55, 0x55, 0, 4, "Skylake"},
    {6, 0x55, 0x55, 5, 7, "Cascade Lake"},    {6, 0x55, 0x55, 10, 11, "Cooper Lake"},
    {6, 0x8e, 0x8e, 0, 9, "Kaby Lake"},       {6, 0x8e, 0x8e, 10, 15, "Coffee Lake"},
    {6, 0x9e, 0x9e, 0, 9, "Kaby Lake"},       {6, 0x9e, 0x9e, 10, 15, "Coffee Lake"},
    {6, 0xa5, 0xa6, 0, 15, "Comet Lake"},     {6, 0x66, 0x66, 0, 15, "Cannon Lake"},
    {6, 0x6a, 0x6a, 0, 15, "Ice Lake"},       {6, 0x6c, 0x6c, 0, 15, "Ice Lake"},
    {6, 0x7d, 0x7e, 0, 15, "Ice Lake"},       {6, 0xa7, 0xa7, 0, 15, "Rocket Lake"},
    {6, 0x8c, 0x8d, 0, 15, "Tiger Lake"},     {6, 0x8f, 0x8f, 0, 15, "Sapphire Rapids"},
    {6, 0xcf, 0xcf, 0, 15, "Emerald Rapids"}, {6, 0xad, 0xae, 0, 15, "Granite Rapids"},
    {6, 0x8a, 0x8a, 0, 15, "Lakefield"},      {6, 0x97, 0x97, 0, 15, "Alder Lake"},
    {6, 0x9a, 0x9a, 0, 15, "Alder Lake"},     {6, 0xb7, 0xb7, 0, 15, "Raptor Lake"},
    {6, 0xba, 0xba, 0, 15, "Raptor Lake"},    {6, 0xbf, 0xbf, 0, 15, "Raptor Lake"},
    {6, 0xaa, 0xaa, 0, 15, "Meteor Lake"},    {6, 0xac, 0xac, 0, 15, "Meteor Lake"},
    {6, 0xb5, 0xb5, 0, 15, "Arrow Lake"},     {6, 0xc5, 0xc6, 0, 15, "Arrow Lake"},
    {6, 0xbd, 0xbd, 0, 15, "Lunar Lake"},     {6, 0xcc, 0xcc, 0, 15, "Panther Lake"},
    {6, 0xaf, 0xaf, 0, 15, "Sierra Forest"},  {6, 0xb6, 0xb6, 0, 15, "Grand Ridge"},
    {6, 0xbe, 0xbe, 0, 15, "Gracemont"},      {6, 0x37, 0x37, 0, 15, "Silvermont"},
    {6, 0x4c, 0x4c, 0, 15, "Airmont"},        {6, 0x5c, 0x5c, 0, 15, "Goldmont"},
    {6, 0x5f, 0x5f, 0, 15, "Goldmont"},       {6, 0x7a, 0x7a, 0, 15, "Goldmont Plus"},
    {6, 0x86, 0x86, 0, 15, "Tremont"},        {6, 0x96, 0x96, 0, 15, "Tremont"},
    {6, 0x9c, 0x9c, 0, 15, "Tremont"},
};

struct Part {
  int implementer, part;
  std::string_view name;
};

constexpr Part kParts[] = {
    {0x41, 0xc07, "Cortex-A7"},     {0x41, 0xc09, "Cortex-A9"},
    {0x41, 0xc0d, "Cortex-A17"},    {0x41, 0xc0f, "Cortex-A15"},
    {0x41, 0xd02, "Cortex-A34"},    {0x41, 0xd03, "Cortex-A53"},
    {0x41, 0xd04, "Cortex-A35"},    {0x41, 0xd05, "Cortex-A55"},
    {0x41, 0xd06, "Cortex-A65"},    {0x41, 0xd07, "Cortex-A57"},
    {0x41, 0xd08, "Cortex-A72"},    {0x41, 0xd09, "Cortex-A73"},
    {0x41, 0xd0a, "Cortex-A75"},    {0x41, 0xd0b, "Cortex-A76"},
    {0x41, 0xd0c, "Neoverse-N1"},   {0x41, 0xd0d, "Cortex-A77"},
    {0x41, 0xd0e, "Cortex-A76AE"},  {0x41, 0xd40, "Neoverse-V1"},
    {0x41, 0xd41, "Cortex-A78"},    {0x41, 0xd42, "Cortex-A78AE"},
    {0x41, 0xd43, "Cortex-A65AE"},  {0x41, 0xd44, "Cortex-X1"},
    {0x41, 0xd46, "Cortex-A510"},   {0x41, 0xd47, "Cortex-A710"},
    {0x41, 0xd48, "Cortex-X2"},     {0x41, 0xd49, "Neoverse-N2"},
    {0x41, 0xd4a, "Neoverse-E1"},   {0x41, 0xd4b, "Cortex-A78C"},
    {0x41, 0xd4c, "Cortex-X1C"},    {0x41, 0xd4d, "Cortex-A715"},
    {0x41, 0xd4e, "Cortex-X3"},     {0x41, 0xd4f, "Neoverse-V2"},
    {0x41, 0xd80, "Cortex-A520"},   {0x41, 0xd81, "Cortex-A720"},
    {0x41, 0xd82, "Cortex-X4"},     {0x41, 0xd84, "Neoverse-V3"},
    {0x41, 0xd85, "Cortex-X925"},   {0x41, 0xd87, "Cortex-A725"},
    {0x41, 0xd8e, "Neoverse-N3"},   {0x43, 0x0af, "ThunderX2"},
    {0x46, 0x001, "A64FX"},         {0x48, 0xd01, "TSV110"},
    {0x4e, 0x004, "Carmel"},        {0x51, 0x001, "Oryon"},
    {0x51, 0x800, "Kryo 2xx Gold"}, {0x51, 0x801, "Kryo 2xx Silver"},
    {0x51, 0x802, "Kryo 3xx Gold"}, {0x51, 0x803, "Kryo 3xx Silver"},
    {0x51, 0x804, "Kryo 4xx Gold"}, {0x51, 0x805, "Kryo 4xx Silver"},
    {0x61, 0x022, "Icestorm"},      {0x61, 0x023, "Firestorm"},
    {0x61, 0x024, "Icestorm"},      {0x61, 0x025, "Firestorm"},
    {0x61, 0x028, "Icestorm"},      {0x61, 0x029, "Firestorm"},
    {0x61, 0x032, "Blizzard"},      {0x61, 0x033, "Avalanche"},
    {0x61, 0x034, "Blizzard"},      {0x61, 0x035, "Avalanche"},
    {0x61, 0x038, "Blizzard"},      {0x61, 0x039, "Avalanche"},
    {0xc0, 0xac3, "Ampere-1"},      {0xc0, 0xac4, "Ampere-1a"},
};

struct Implementer {
  int id;
  std::string_view name;
};

constexpr Implementer kImplementers[] = {
    {0x41, "Arm"},       {0x42, "Broadcom"}, {0x43, "Cavium"}, {0x46, "Fujitsu"},
    {0x48, "HiSilicon"}, {0x4e, "NVIDIA"},   {0x50, "APM"},    {0x51, "Qualcomm"},
    {0x53, "Samsung"},   {0x56, "Marvell"},  {0x61, "Apple"},  {0x69, "Intel"},
    {0x6d, "Microsoft"}, {0x70, "Phytium"},  {0xc0, "Ampere"},
};

}  // namespace

std::string_view X86Microarchitecture(std::string_view vendor, int family, int model,
                                      int stepping) {
  const auto search = [&](const auto& table) -> std::string_view {
    for (const Range& row : table) {
      if (family == row.family && model >= row.first_model && model <= row.last_model &&
          stepping >= row.first_stepping && stepping <= row.last_stepping) {
        return row.name;
      }
    }
    return {};
  };
  if (vendor == "GenuineIntel") return search(kIntel);
  if (vendor == "AuthenticAMD") return search(kAmd);
  return {};
}

bool X86HasTiles(std::string_view design) {
  return design == "Sapphire Rapids" || design == "Emerald Rapids" || design == "Granite Rapids";
}

std::string_view ArmImplementer(int implementer) {
  for (const Implementer& row : kImplementers) {
    if (row.id == implementer) return row.name;
  }
  return {};
}

std::string_view ArmPart(int implementer, int part) {
  for (const Part& row : kParts) {
    if (row.implementer == implementer && row.part == part) return row.name;
  }
  return {};
}

}  // namespace inferometer
