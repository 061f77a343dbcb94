// Builds programs and keeps their binaries.
//
// A file of the cache is 64 hex digits of the SHA-256 of what follows, a line feed, and the
// driver's binary. Its name is the hash of device, driver, source and options.
#include "backends/opencl/programs.h"

#include <fmt/format.h>

#include <optional>
#include <system_error>
#include <utility>

#include "harness/base/embedded.h"
#include "harness/base/error.h"
#include "harness/base/file.h"
#include "harness/base/sha256.h"

namespace inferometer::opencl {
namespace {

constexpr std::size_t kHashDigits = 64;
constexpr std::size_t kMostLog = 4000;  // characters of a compiler's words in an error
constexpr std::string_view kAsks = "//: ";

std::string_view FileNamed(std::string_view name) {
  for (const EmbeddedFile& file : OpenClKernels()) {
    if (file.name == fmt::format("{}.cl", name)) return file.text;
  }
  throw Error(ExitCode::kRunFailed, fmt::format("opencl: this build has no kernels '{}'", name));
}

// The binary in a file of the cache; nothing unless it is whole.
std::optional<std::string> BinaryIn(const std::filesystem::path& file) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(file, none)) return std::nullopt;
  try {
    const MappedFile mapped(file.string());
    const std::string_view text{reinterpret_cast<const char*>(mapped.bytes().data()),
                                mapped.bytes().size()};
    if (text.size() <= kHashDigits + 1 || text[kHashDigits] != '\n') return std::nullopt;
    const std::string_view binary = text.substr(kHashDigits + 1);
    if (Sha256Hex(binary) != text.substr(0, kHashDigits)) return std::nullopt;
    return std::string(binary);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

std::string SourceOf(std::string_view source) {
  const std::string_view text = FileNamed(source);
  std::string all;
  for (std::size_t at = 0; (at = text.find(kAsks, at)) != std::string_view::npos;) {
    at += kAsks.size();
    const std::size_t end = std::min(text.find('\n', at), text.size());
    all += FileNamed(text.substr(at, end - at));
    all += '\n';
  }
  return all + std::string(text);
}

std::string OptionsOf(const Capabilities& can) {
  std::string options = can.language3 ? "-cl-std=CL3.0" : "-cl-std=CL1.2";
  options += " -cl-mad-enable -cl-no-signed-zeros";
  options += " -w";  // PoCL writes how many warnings there were where the user reads
  if (can.fma) options += " -DHAS_FMA";
  if (can.wide) options += " -DWIDE";
  if (can.fp16) options += " -DHAS_FP16";
  if (can.subgroup) options += " -DHAS_SUBGROUP";
  if (can.dot) options += " -DHAS_DOT";
  if (can.builtin && can.wide) options += " -DHAS_BUILTIN";
  return options;
}

Programs::Programs(Gpu& gpu, std::filesystem::path folder)
    : gpu_(gpu), folder_(std::move(folder)) {}

Programs::~Programs() {
  for (const auto& [key, program] : programs_) gpu_.cl().ReleaseProgram(program);
}

cl_kernel Programs::NewKernel(const ProgramKey& key, const std::string& kernel) {
  cl_int result = CL_SUCCESS;
  cl_kernel made = gpu_.cl().CreateKernel(Get(key), kernel.c_str(), &result);
  Check(result, fmt::format("making kernel '{}' of '{}'", kernel, key.source));
  return made;
}

cl_program Programs::Get(const ProgramKey& key) {
  const auto it = programs_.find(key);
  if (it != programs_.end()) return it->second;
  const std::string source = SourceOf(key.source);
  const std::string options = OptionsOf(gpu_.can()) + " " + key.defines;
  std::filesystem::path file;
  if (!folder_.empty()) {
    const Capabilities& can = gpu_.can();
    const std::string identity =
        can.platform + '\0' + can.name + '\0' + can.driver + '\0' + options + '\0' + source;
    file = folder_ / fmt::format("opencl-{}.bin", Sha256Hex(identity).substr(0, 32));
  }
  cl_program program = file.empty() ? nullptr : Load(file, options);
  if (program != nullptr) {
    ++loaded_;
  } else {
    program = Compile(key, source, options);
    ++compiled_;
    if (!file.empty()) Store(file, program);
  }
  programs_.emplace(key, program);
  return program;
}

cl_program Programs::Load(const std::filesystem::path& file, const std::string& options) const {
  const std::optional<std::string> binary = BinaryIn(file);
  if (!binary) return nullptr;
  const cl_device_id device = gpu_.device();
  const std::size_t size = binary->size();
  const auto* bytes = reinterpret_cast<const unsigned char*>(binary->data());
  cl_int status = CL_SUCCESS, result = CL_SUCCESS;
  cl_program program = gpu_.cl().CreateProgramWithBinary(gpu_.context(), 1, &device, &size, &bytes,
                                                         &status, &result);
  if (program == nullptr) return nullptr;
  if (result == CL_SUCCESS && status == CL_SUCCESS &&
      gpu_.cl().BuildProgram(program, 1, &device, options.c_str(), nullptr, nullptr) ==
          CL_SUCCESS) {
    return program;
  }
  gpu_.cl().ReleaseProgram(program);
  return nullptr;
}

cl_program Programs::Compile(const ProgramKey& key, const std::string& source,
                             const std::string& options) const {
  const Functions& cl = gpu_.cl();
  const cl_device_id device = gpu_.device();
  const char* text = source.c_str();
  cl_int result = CL_SUCCESS;
  cl_program program = cl.CreateProgramWithSource(gpu_.context(), 1, &text, nullptr, &result);
  Check(result, fmt::format("making program '{}'", key.source));
  result = cl.BuildProgram(program, 1, &device, options.c_str(), nullptr, nullptr);
  if (result == CL_SUCCESS) return program;
  std::size_t size = 0;
  cl.GetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, 0, nullptr, &size);
  std::string log(size, '\0');
  cl.GetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, size, log.data(), nullptr);
  log = log.substr(0, std::min(log.find('\0'), kMostLog));
  cl.ReleaseProgram(program);
  throw Error(ExitCode::kRunFailed,
              fmt::format("opencl: {} cannot compile '{}' with {}: {}\n{}", gpu_.can().name,
                          key.source, options, NameOfResult(result), log));
}

// What the disk or the driver refuses is left.
void Programs::Store(const std::filesystem::path& file, cl_program program) const {
  std::size_t size = 0;
  const Functions& cl = gpu_.cl();
  if (cl.GetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, sizeof(size), &size, nullptr) !=
          CL_SUCCESS ||
      size == 0) {
    return;
  }
  std::string binary(size, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(binary.data());
  if (cl.GetProgramInfo(program, CL_PROGRAM_BINARIES, sizeof(bytes), &bytes, nullptr) !=
      CL_SUCCESS) {
    return;
  }
  std::error_code none;
  std::filesystem::create_directories(file.parent_path(), none);
  try {
    AtomicFile out(file.string());
    out.Write(Sha256Hex(binary) + "\n");
    out.Write(binary);
    out.Commit();
  } catch (const Error&) {
  }
}

}  // namespace inferometer::opencl
