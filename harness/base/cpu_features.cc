// Which instruction sets this machine can run: cpuid on x86, hwcaps on Arm Linux.
#include "harness/base/cpu_features.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string_view>
#include <utility>

#if defined(__x86_64__)
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace inferometer {
namespace {

#if defined(__x86_64__)

struct Leaf {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
};

Leaf Cpuid(unsigned leaf, unsigned subleaf = 0) {
  Leaf r;
  if (__get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx) == 0) return {};
  return r;
}

// Which register states the operating system saves (Intel SDM volume 1, 13.3).
std::uint64_t EnabledStates() {
  std::uint32_t low = 0, high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (static_cast<std::uint64_t>(high) << 32) | low;
}

bool Bit(unsigned value, int bit) { return ((value >> bit) & 1u) != 0; }

// Tile registers are given to those only who ask for them (Linux,
// Documentation/arch/x86/xstate.rst: ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA), for the whole
// process; refused where a signal stack is too small for them. Asking again does no harm.
bool TilesPermitted() {
#if defined(__linux__)
  return syscall(SYS_arch_prctl, 0x1023, 18) == 0;
#else
  return true;
#endif
}

// Bit positions: Intel SDM volume 2, CPUID, tables 3-10 and 3-11.
CpuFeatures ReadX86() {
  CpuFeatures f;
  const Leaf one = Cpuid(1), seven = Cpuid(7), seven_one = Cpuid(7, 1);
  if (!Bit(one.ecx, 27)) return f;  // OSXSAVE
  const std::uint64_t states = EnabledStates();
  const bool ymm = (states & 0x6) == 0x6, zmm = (states & 0xe6) == 0xe6;
  f.avx2 = ymm && Bit(seven.ebx, 5) && Bit(one.ecx, 12) && Bit(one.ecx, 29);
  f.avx_vnni = f.avx2 && Bit(seven_one.eax, 4);
  f.avx512 = f.avx2 && zmm && Bit(seven.ebx, 16) && Bit(seven.ebx, 17) && Bit(seven.ebx, 30) &&
             Bit(seven.ebx, 31);
  f.avx512_vnni = f.avx512 && Bit(seven.ecx, 11);
  f.avx512_bf16 = f.avx512 && Bit(seven_one.eax, 5);
  f.avx512_fp16 = f.avx512 && Bit(seven.edx, 23);
  const bool tiles =
      f.avx512 && (states & 0x60000) == 0x60000 && Bit(seven.edx, 24) && TilesPermitted();
  f.amx_int8 = tiles && Bit(seven.edx, 25);
  f.amx_bf16 = tiles && Bit(seven.edx, 22);
  return f;
}

#endif

}  // namespace

CpuFeatures ReadCpuFeatures() {
#if defined(__x86_64__)
  return ReadX86();
#elif defined(__aarch64__) && defined(__linux__)
  // Bits of AT_HWCAP and AT_HWCAP2: Linux, Documentation/arch/arm64/elf_hwcaps.rst.
  const unsigned long caps = getauxval(AT_HWCAP), caps2 = getauxval(AT_HWCAP2);
  CpuFeatures f;
  f.neon = true;
  f.fp16 = ((caps >> 10) & 1) != 0;
  f.dotprod = ((caps >> 20) & 1) != 0;
  f.sve = ((caps >> 22) & 1) != 0;
  f.i8mm = ((caps2 >> 13) & 1) != 0;
  f.bf16 = ((caps2 >> 14) & 1) != 0;
  return f;
#elif defined(__aarch64__)
  CpuFeatures f;
  f.neon = true;
  return f;
#else
  return {};
#endif
}

std::vector<std::string> NamesOf(const CpuFeatures& f) {
  const std::pair<bool, std::string_view> all[] = {{f.avx2, "avx2"},
                                                   {f.avx_vnni, "avx_vnni"},
                                                   {f.avx512, "avx512"},
                                                   {f.avx512_vnni, "avx512_vnni"},
                                                   {f.avx512_bf16, "avx512_bf16"},
                                                   {f.avx512_fp16, "avx512_fp16"},
                                                   {f.amx_int8, "amx_int8"},
                                                   {f.amx_bf16, "amx_bf16"},
                                                   {f.neon, "neon"},
                                                   {f.dotprod, "dotprod"},
                                                   {f.i8mm, "i8mm"},
                                                   {f.bf16, "bf16"},
                                                   {f.fp16, "fp16"},
                                                   {f.sve, "sve"}};
  std::vector<std::string> names;
  for (const auto& [present, name] : all) {
    if (present) names.emplace_back(name);
  }
  return names;
}

std::string CpuName() {
#if defined(__x86_64__)
  char brand[49] = {};
  if (Cpuid(0x80000000u).eax >= 0x80000004u) {
    for (unsigned i = 0; i < 3; ++i) {
      const Leaf r = Cpuid(0x80000002u + i);
      const unsigned words[] = {r.eax, r.ebx, r.ecx, r.edx};
      std::memcpy(brand + 16 * i, words, sizeof words);
    }
    std::string name(brand);
    const std::size_t begin = name.find_first_not_of(' '), end = name.find_last_not_of(' ');
    if (begin != std::string::npos) return name.substr(begin, end - begin + 1);
  }
#endif
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (line.starts_with("model name") || line.starts_with("Hardware")) {
      const std::size_t colon = line.find(": ");
      if (colon != std::string::npos) return line.substr(colon + 2);
    }
  }
  return "unknown CPU";
}

}  // namespace inferometer
