// Processor designs by their published identification numbers.
#include <gtest/gtest.h>

#include "probes/cpu_names.h"

namespace inferometer {
namespace {

TEST(CpuNames, KnowsPublishedModels) {
  EXPECT_EQ(X86Microarchitecture("AuthenticAMD", 25, 1, 1), "Zen 3");
  EXPECT_EQ(X86Microarchitecture("AuthenticAMD", 25, 0x61, 2), "Zen 4");
  EXPECT_EQ(X86Microarchitecture("AuthenticAMD", 0x17, 8, 2), "Zen+");
  EXPECT_EQ(X86Microarchitecture("GenuineIntel", 6, 0x55, 4), "Skylake");
  EXPECT_EQ(X86Microarchitecture("GenuineIntel", 6, 0x55, 7), "Cascade Lake");
  EXPECT_EQ(X86Microarchitecture("GenuineIntel", 6, 0x9a, 3), "Alder Lake");
  EXPECT_EQ(ArmPart(0x41, 0xd0b), "Cortex-A76");
  EXPECT_EQ(ArmPart(0x61, 0x023), "Firestorm");
}

TEST(CpuNames, DoesNotGuess) {
  EXPECT_EQ(X86Microarchitecture("GenuineIntel", 25, 1, 1), "");
  EXPECT_EQ(X86Microarchitecture("AuthenticAMD", 0x99, 1, 1), "");
  EXPECT_EQ(ArmPart(0x41, 0xfff), "");
}

}  // namespace
}  // namespace inferometer
