// Ctrl-C and SIGTERM turned into a question that can be asked: is it time to stop?
#include "harness/base/interrupt.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>

namespace inferometer {
namespace {

// A signal handler has no context but what is global. Everything here is lock-free, as a handler
// must be (POSIX, signal-safety).
std::atomic<int> noted_signal{0};
std::atomic<const char*> notice_text{nullptr};
std::atomic<std::size_t> notice_size{0};
static_assert(std::atomic<int>::is_always_lock_free);
static_assert(std::atomic<const char*>::is_always_lock_free);
static_assert(std::atomic<std::size_t>::is_always_lock_free);

constexpr int kWatched[] = {SIGINT, SIGTERM};
struct sigaction previous_actions[std::size(kWatched)];

extern "C" void NoteSignal(int number) {
  const int saved_errno = errno;
  if (noted_signal.exchange(number) != 0) ::_exit(128 + number);
  const char* text = notice_text.load();
  if (text != nullptr) {
    const ssize_t written = ::write(STDERR_FILENO, text, notice_size.load());
    static_cast<void>(written);  // nobody is left to tell
  }
  errno = saved_errno;
}

}  // namespace

Interrupt::Interrupt(std::string_view notice) {
  notice_size = notice.size();
  notice_text = notice.empty() ? nullptr : notice.data();
  struct sigaction action{};
  action.sa_handler = NoteSignal;
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < std::size(kWatched); ++i) {
    ::sigaction(kWatched[i], &action, &previous_actions[i]);
    // A signal that the parent had ignored (nohup, a shell's background job) stays ignored.
    if (previous_actions[i].sa_handler == SIG_IGN) {
      ::sigaction(kWatched[i], &previous_actions[i], nullptr);
    }
  }
}

Interrupt::~Interrupt() {
  for (std::size_t i = 0; i < std::size(kWatched); ++i) {
    ::sigaction(kWatched[i], &previous_actions[i], nullptr);
  }
  notice_text = nullptr;
}

int Interrupt::Signal() { return noted_signal.load(); }

}  // namespace inferometer
