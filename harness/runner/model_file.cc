// Writes a model to a nameless temporary file.
#include "harness/runner/model_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "harness/base/error.h"
#include "harness/base/text.h"

namespace inferometer {

TemporaryModelFile::TemporaryModelFile(const Model& model) {
  std::error_code failure;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(failure);
  if (failure) {
    throw Error(
        ExitCode::kRunFailed,
        fmt::format("there is no folder for temporary files ({}): set TMPDIR", failure.message()));
  }
  constexpr std::uint64_t kSpare = std::uint64_t{64} << 20;  // header, and some for others
  const auto space = std::filesystem::space(folder, failure);
  if (!failure && space.available < model.bytes + kSpare) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("'{}' has {} free, the model's file needs {}: set TMPDIR to a folder "
                            "with more room",
                            folder.string(), HumanBytes(static_cast<double>(space.available)),
                            HumanBytes(static_cast<double>(model.bytes + kSpare))));
  }
  const std::string name =
      (folder / fmt::format("inferometer-{}-{}.gguf", ::getpid(), model.name)).string();
  WriteModel(model, name);
  descriptor_ = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  const int reason = errno;
  ::unlink(name.c_str());
  if (descriptor_ < 0) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("cannot open '{}': {}", name, std::strerror(reason)));
  }
  path_ = fmt::format("/proc/self/fd/{}", descriptor_);
}

TemporaryModelFile::~TemporaryModelFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace inferometer
