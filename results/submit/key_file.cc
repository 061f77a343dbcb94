// The file of the secret key.
#include "results/submit/key_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "harness/base/error.h"
#include "harness/base/file.h"

namespace inferometer {
namespace {

constexpr std::size_t kMostKeyBytes = 4096;

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Creates a file that was not there, all of it or nothing.
void Create(const std::string& path, const std::string& text, mode_t mode) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
  if (file < 0) {
    const int reason = errno;
    throw Error(
        ExitCode::kUsage,
        reason == EEXIST
            ? fmt::format("'{}' is there already, and a key is never overwritten; use it, or "
                          "name another place with --key FILE",
                          path)
            : fmt::format("cannot write '{}': {}; name another place with --key FILE", path,
                          std::strerror(reason)));
  }
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file) == 0;
  const bool closed = ::close(file) == 0;
  if (!written || !closed) {
    const int reason = errno;
    ::unlink(path.c_str());
    throw Error(ExitCode::kRunFailed,
                fmt::format("cannot write '{}': {}", path, std::strerror(reason)));
  }
}

}  // namespace

std::string DefaultKeyPath() {
  std::string folder = Variable("XDG_CONFIG_HOME");
  if (folder.empty()) {
    const std::string home = Variable("HOME");
    if (home.empty()) {
      throw Error(
          ExitCode::kUsage,
          "neither XDG_CONFIG_HOME nor HOME is set: say where the key lies with --key FILE");
    }
    folder = home + "/.config";
  }
  return folder + "/inferometer/submit.key";
}

std::string PublicKeyPath(const std::string& path) {
  return (path.ends_with(".key") ? path.substr(0, path.size() - 4) : path) + ".pub";
}

void MakeKeyFile(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && !std::filesystem::exists(folder)) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) {
      throw Error(ExitCode::kUsage, fmt::format("cannot make the folder '{}': {}", folder.string(),
                                                failed.message()));
    }
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failed);
  }
  const std::string public_path = PublicKeyPath(path);
  if (std::filesystem::exists(public_path)) {
    throw Error(ExitCode::kUsage,
                fmt::format("'{}' is there already, so a key of that name was made before; use it, "
                            "or name another place with --key FILE",
                            public_path));
  }
  const SecretKey key = SecretKey::Generate();
  std::string text = key.FileText();
  Create(path, text, 0600);
  sodium_memzero(text.data(), text.size());
  Create(public_path, key.PublicText(), 0644);
}

SecretKey ReadKeyFile(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    throw Error(ExitCode::kInvalidInput,
                errno == ENOENT
                    ? fmt::format("there is no key '{}': make one with `inferometer submit "
                                  "--new-key`; it never leaves this machine",
                                  path)
                    : fmt::format("cannot open '{}': {}", path, std::strerror(errno)));
  }
  if (!S_ISREG(status.st_mode) || status.st_size > static_cast<off_t>(kMostKeyBytes)) {
    throw Error(ExitCode::kInvalidInput, fmt::format("'{}' is not a key file", path));
  }
  if ((status.st_mode & 077) != 0) {
    throw Error(ExitCode::kInvalidInput,
                fmt::format("'{}' may be read or written by others (mode {:o}): chmod 600 '{}'",
                            path, status.st_mode & 0777, path));
  }
  std::string text = ReadText(path);
  try {
    SecretKey key = SecretKey::Parse(text, path);
    sodium_memzero(text.data(), text.size());
    return key;
  } catch (const Error&) {
    sodium_memzero(text.data(), text.size());
    throw;
  }
}

}  // namespace inferometer
