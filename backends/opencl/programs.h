// Programs, built once for each source and choice of definitions, and their binaries on disk.
#ifndef INFEROMETER_BACKENDS_OPENCL_PROGRAMS_H_
#define INFEROMETER_BACKENDS_OPENCL_PROGRAMS_H_

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/opencl/gpu.h"

namespace inferometer::opencl {

// A source of kernels/ and what is defined for it.
struct ProgramKey {
  std::string source;   // "matvec"
  std::string defines;  // "-DFORMAT=4 -DROWS=4"
  auto operator<=>(const ProgramKey&) const = default;
};

// All that the compiler reads for `source`: what its lines `//: name` ask for, then the file
// itself. Throws Error for an unknown source.
std::string SourceOf(std::string_view source);
// The options that every program of a device is built with.
std::string OptionsOf(const Capabilities& can);

class Programs {
 public:
  // Binaries are read from `folder` and written there; an empty path keeps nothing. A file that is
  // missing, damaged or of another driver is as good as none.
  Programs(Gpu& gpu, std::filesystem::path folder);
  ~Programs();
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;

  // A new kernel, which the caller releases. Throws Error with the compiler's words when the
  // program cannot be built.
  cl_kernel NewKernel(const ProgramKey& key, const std::string& kernel);

  // How many programs were compiled from source, and how many came from the disk.
  std::size_t compiled() const { return compiled_; }
  std::size_t loaded() const { return loaded_; }

 private:
  cl_program Get(const ProgramKey& key);
  cl_program Load(const std::filesystem::path& file, const std::string& options) const;
  cl_program Compile(const ProgramKey& key, const std::string& source,
                     const std::string& options) const;
  void Store(const std::filesystem::path& file, cl_program program) const;

  Gpu& gpu_;
  const std::filesystem::path folder_;
  std::map<ProgramKey, cl_program> programs_;
  std::size_t compiled_ = 0, loaded_ = 0;
};

}  // namespace inferometer::opencl

#endif  // INFEROMETER_BACKENDS_OPENCL_PROGRAMS_H_
