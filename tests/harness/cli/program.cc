// Runs the real program as a child process, as a shell would.
#include "tests/harness/cli/program.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace inferometer {
namespace {

void Require(bool good, const char* what) {
  if (!good) throw std::runtime_error(what);
}

}  // namespace

Program::Program(const std::vector<std::string>& arguments, const std::string& folder,
                 const Environment& environment, Streams streams, unsigned short columns) {
  int out[2] = {-1, -1}, err[2] = {-1, -1};
  if (streams == Streams::kPipes) {
    Require(::pipe2(out, O_CLOEXEC) == 0 && ::pipe2(err, O_CLOEXEC) == 0, "pipe2");
  } else {
    winsize size{};
    size.ws_col = columns;
    size.ws_row = 24;
    Require(::openpty(&err[0], &err[1], nullptr, nullptr, &size) == 0, "openpty");
    ::fcntl(err[0], F_SETFD, FD_CLOEXEC);
    ::fcntl(err[1], F_SETFD, FD_CLOEXEC);
  }
  std::vector<char*> argv = {const_cast<char*>(INFEROMETER_PROGRAM)};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  child_ = ::fork();
  Require(child_ >= 0, "fork");
  if (child_ == 0) {
    ::dup2(out[1] >= 0 ? out[1] : err[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    ::unsetenv("NO_COLOR");
    ::setenv("TERM", "xterm", 1);
    for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
    if (::chdir(folder.c_str()) == 0) ::execv(argv[0], argv.data());
    ::_exit(126);
  }
  out_ = out[0];
  err_ = err[0];
  if (out[1] >= 0) ::close(out[1]);
  ::close(err[1]);
}

Program::~Program() {
  if (child_ > 0) {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  if (out_ >= 0) ::close(out_);
  if (err_ >= 0) ::close(err_);
}

bool Program::ReadSome() {
  pollfd polled[2] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}};  // negative ones are passed over
  if (out_ < 0 && err_ < 0) return false;
  if (::poll(polled, 2, -1) < 0) return errno == EINTR;
  for (int i = 0; i < 2; ++i) {
    if (polled[i].revents == 0) continue;
    char buffer[65536];
    const ssize_t got = ::read(polled[i].fd, buffer, sizeof buffer);
    if (got > 0) {
      (i == 0 ? ended_.out : ended_.err).append(buffer, static_cast<std::size_t>(got));
    } else {  // a terminal whose other side is closed reads as EIO
      ::close(polled[i].fd);
      (i == 0 ? out_ : err_) = -1;
    }
  }
  return true;
}

bool Program::WaitForErr(const std::string& text) {
  while (ended_.err.find(text) == std::string::npos) {
    if (!ReadSome()) return false;
  }
  return true;
}

void Program::Kill(int signal) const { ::kill(child_, signal); }

Ended Program::Wait() {
  while (ReadSome()) {
  }
  int status = 0;
  ::waitpid(child_, &status, 0);
  child_ = -1;
  if (WIFEXITED(status)) ended_.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ended_.signal = WTERMSIG(status);
  return ended_;
}

Ended RunInferometer(const std::vector<std::string>& arguments, const std::string& folder,
                     const Environment& environment) {
  return Program(arguments, folder, environment).Wait();
}

TemporaryFolder::TemporaryFolder() {
  std::string name = std::filesystem::temp_directory_path() / "inferometer-XXXXXX";
  Require(::mkdtemp(name.data()) != nullptr, "mkdtemp");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::vector<std::string> TemporaryFolder::Names() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace inferometer
