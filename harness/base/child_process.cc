// This program started again for work that may crash or hang, with limits on time and output.
#include "harness/base/child_process.h"

#include <cstdlib>

#if defined(__unix__) || defined(__APPLE__)
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>
#include <string_view>
#include <system_error>
#include <thread>

#include "harness/base/clock.h"
#endif
#if defined(__linux__)
#include <sys/prctl.h>
#endif

#if defined(__unix__) || defined(__APPLE__)
extern "C" char** environ;  // POSIX gives it no header
#endif

namespace inferometer {

#if defined(__unix__) || defined(__APPLE__)

namespace {

// How long a killed process may take to go; one that the kernel holds on to is left behind.
constexpr double kFarewell_s = 1;

struct Child {
  pid_t id = -1;
  int pipe = -1;
  ChildResult result;
};

std::vector<std::string> EnvironmentOf(const ChildRequest& request) {
  std::map<std::string, std::string> all;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (equals != std::string_view::npos)
      all[std::string(text.substr(0, equals))] = text.substr(equals + 1);
  }
  for (const auto& [name, value] : request.environment) all[name] = value;
  std::vector<std::string> list;
  for (const auto& [name, value] : all) {
    list.push_back(name + "=");
    list.back() += value;
  }
  return list;
}

std::vector<char*> Pointers(std::vector<std::string>& list) {
  std::vector<char*> pointers;
  for (std::string& item : list) pointers.push_back(item.data());
  pointers.push_back(nullptr);
  return pointers;
}

Child Start(const ChildRequest& request) {
  Child child;
  int ends[2];
  if (request.command.empty() || pipe(ends) != 0) {
    child.result.reason = "cannot be started: " + std::generic_category().message(errno);
    return child;
  }
  for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
  const bool keep = !request.errors_to.empty();
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO,
                                   keep ? request.errors_to.c_str() : "/dev/null",
                                   keep ? O_WRONLY | O_CREAT | O_TRUNC : O_WRONLY, 0600);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // A group of its own, so that whatever it starts can be ended with it; no signal held back.
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  std::vector<std::string> words = request.command, variables = EnvironmentOf(request);
  const int error = posix_spawn(&child.id, words.front().c_str(), &files, &attributes,
                                Pointers(words).data(), Pointers(variables).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  close(ends[1]);
  child.pipe = ends[0];
  if (error != 0) {
    close(child.pipe);
    child = {};
    child.result.reason = "cannot be started: " + std::generic_category().message(error);
  } else {
    fcntl(child.pipe, F_SETFL, O_NONBLOCK);
  }
  return child;
}

// Takes what is there; true while more may come.
bool Read(Child& child, std::size_t limit_bytes) {
  char buffer[16 << 10];
  for (;;) {
    const ssize_t got = read(child.pipe, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    if (got == 0) return false;
    child.result.output.append(buffer, static_cast<std::size_t>(got));
    if (child.result.output.size() > limit_bytes) {
      child.result.end = ChildResult::End::kTooMuchOutput;
      child.result.reason = "wrote more than " + std::to_string(limit_bytes >> 10) + " KiB";
      return false;
    }
  }
}

bool Reap(Child& child, int options, int* status) {
  pid_t done = 0;
  while ((done = waitpid(child.id, status, options)) < 0 && errno == EINTR) {
  }
  return done == child.id;
}

// Its pipe is closed or its time is up: whatever is left of it ends now.
void Finish(Child& child, double limit_end_s) {
  using End = ChildResult::End;
  close(child.pipe);
  child.pipe = -1;
  int status = 0;
  bool ended = Reap(child, WNOHANG, &status);
  // It may still be on its way out, after its last word.
  while (!ended && child.result.end == End::kNotStarted && NowSeconds() < limit_end_s) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    ended = Reap(child, WNOHANG, &status);
  }
  if (!ended && child.result.end == End::kNotStarted) child.result.end = End::kTimeLimit;
  kill(-child.id, SIGKILL);
  for (const double until = NowSeconds() + kFarewell_s; !ended && NowSeconds() < until;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    if (Reap(child, WNOHANG, &status)) break;
  }
  child.id = -1;
  if (child.result.end != End::kNotStarted) return;
  const bool killed = WIFSIGNALED(status);
  child.result.end = killed ? End::kSignal : End::kExited;
  child.result.code = killed ? WTERMSIG(status) : WEXITSTATUS(status);
  if (killed) {
    const char* name = strsignal(child.result.code);
    child.result.reason = "ended by signal " + std::to_string(child.result.code) + " (" +
                          (name == nullptr ? "unknown" : name) + ")";
  } else if (child.result.code != 0) {
    child.result.reason = "ended with exit code " + std::to_string(child.result.code);
  }
}

}  // namespace

std::vector<ChildResult> RunChildren(std::span<const ChildRequest> requests, double limit_s,
                                     std::size_t limit_bytes) {
  std::vector<Child> children;
  for (const ChildRequest& request : requests) children.push_back(Start(request));
  const double end_s = NowSeconds() + limit_s;
  for (;;) {
    std::vector<pollfd> waiting;
    std::vector<Child*> whose;
    for (Child& child : children) {
      if (child.pipe < 0) continue;
      waiting.push_back({child.pipe, POLLIN, 0});
      whose.push_back(&child);
    }
    if (waiting.empty()) break;
    const double left_s = end_s - NowSeconds();
    if (left_s > 0) {
      poll(waiting.data(), static_cast<nfds_t>(waiting.size()),
           static_cast<int>(std::ceil(std::min(left_s, 60.0) * 1000)));
    }
    for (std::size_t i = 0; i < whose.size(); ++i) {
      if (waiting[i].revents != 0 && !Read(*whose[i], limit_bytes)) Finish(*whose[i], end_s);
    }
    if (NowSeconds() < end_s) continue;
    for (Child& child : children) {
      if (child.pipe < 0) continue;
      child.result.end = ChildResult::End::kTimeLimit;
      Finish(child, end_s);
    }
  }
  std::vector<ChildResult> results;
  for (Child& child : children) {
    if (child.result.end == ChildResult::End::kTimeLimit) {
      char text[64];
      std::snprintf(text, sizeof text, "gave no answer within %g s", limit_s);
      child.result.reason = text;
    }
    results.push_back(std::move(child.result));
  }
  return results;
}

int TakeStdout() {
  const int answer = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  const int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nothing >= 0) {
    dup2(nothing, STDOUT_FILENO);
    dup2(nothing, STDERR_FILENO);
  }
  const rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
#if defined(__linux__)
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  return answer;
}

void AnswerAndExit(int descriptor, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t put = write(descriptor, text.data() + at, text.size() - at);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) _exit(EXIT_FAILURE);
    at += static_cast<std::size_t>(put);
  }
  _exit(EXIT_SUCCESS);
}

std::string ThisProgram() {
  char path[4096];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof path);
  return size > 0 && size < static_cast<ssize_t>(sizeof path)
             ? std::string(path, static_cast<std::size_t>(size))
             : "";
}

#else

std::vector<ChildResult> RunChildren(std::span<const ChildRequest> requests, double, std::size_t) {
  ChildResult none;
  none.reason = "this build cannot start child processes on this system";
  return std::vector<ChildResult>(requests.size(), none);
}

int TakeStdout() { return -1; }

void AnswerAndExit(int, const std::string&) { std::_Exit(EXIT_FAILURE); }

std::string ThisProgram() { return ""; }

#endif

}  // namespace inferometer
