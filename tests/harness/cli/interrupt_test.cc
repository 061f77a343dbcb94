// Signals: the first is noted, the second ends the process, and afterwards all is as before.
#include "harness/base/interrupt.h"

#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>

namespace inferometer {
namespace {

// Each case runs in a process of its own, since a noted signal stays noted.

TEST(InterruptDeathTest, NotesTheFirstSignal) {
  for (const int signal : {SIGINT, SIGTERM}) {
    EXPECT_EXIT(
        {
          const Interrupt interrupt("stopping soon\n");
          if (Interrupt::Signal() != 0) std::exit(1);
          ::raise(signal);
          std::exit(Interrupt::Signal() == signal ? 42 : 1);
        },
        ::testing::ExitedWithCode(42), "^stopping soon\n$");
  }
}

TEST(InterruptDeathTest, EndsAtTheSecondSignal) {
  for (const int signal : {SIGINT, SIGTERM}) {
    EXPECT_EXIT(
        {
          const Interrupt interrupt("");
          ::raise(SIGINT);
          ::raise(signal);
          std::exit(1);
        },
        ::testing::ExitedWithCode(128 + signal), "^$");
  }
}

TEST(InterruptDeathTest, RestoresWhatSignalsDid) {
  EXPECT_EXIT(
      {
        {
          const Interrupt interrupt("");
        }
        ::raise(SIGTERM);
        std::exit(1);
      },
      ::testing::KilledBySignal(SIGTERM), "^$");
}

TEST(InterruptDeathTest, LeavesIgnoredSignalsIgnored) {
  EXPECT_EXIT(
      {
        ::signal(SIGINT, SIG_IGN);
        const Interrupt interrupt("");
        ::raise(SIGINT);
        ::raise(SIGINT);
        std::exit(Interrupt::Signal() == 0 ? 42 : 1);
      },
      ::testing::ExitedWithCode(42), "^$");
}

}  // namespace
}  // namespace inferometer
