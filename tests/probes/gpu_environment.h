// Points the loaders at drivers of a test's own: fakes that misbehave, and the real software ones.
#ifndef INFEROMETER_TESTS_PROBES_GPU_ENVIRONMENT_H_
#define INFEROMETER_TESTS_PROBES_GPU_ENVIRONMENT_H_

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>

namespace inferometer {

// Sets variables for as long as it lives; child processes inherit them.
class Variables {
 public:
  ~Variables() {
    for (const auto& [name, value] : before_)
      value ? setenv(name.c_str(), value->c_str(), 1) : unsetenv(name.c_str());
  }
  Variables() = default;
  Variables(const Variables&) = delete;
  Variables& operator=(const Variables&) = delete;
  void Set(const std::string& name, const std::string& value) {
    const char* old = std::getenv(name.c_str());
    before_.emplace(name, old == nullptr ? std::nullopt : std::optional<std::string>(old));
    setenv(name.c_str(), value.c_str(), 1);
  }

 private:
  std::map<std::string, std::optional<std::string>> before_;
};

#ifdef INFEROMETER_FAKE_DRIVERS
// The library of tests/probes/fake_<api>_driver.cc that behaves so.
inline std::string FakeDriver(const std::string& api, const std::string& behaviour) {
  return std::string(INFEROMETER_FAKE_DRIVERS) + "/libfake_" + api + "_" + behaviour + ".so";
}
#endif

inline void WriteVulkanManifest(const std::string& path, const std::string& library) {
  std::ofstream(path) << R"({"file_format_version": "1.0.0", "ICD": {"library_path": ")" << library
                      << R"(", "api_version": "1.0.0"}})";
}

// A file whose name starts so in a folder; empty when there is none.
inline std::string FindFile(const std::string& folder, const std::string& start) {
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().filename().string().starts_with(start)) return at->path().string();
  }
  return "";
}

// Mesa's llvmpipe and PoCL, where Debian puts them.
inline std::string Llvmpipe() { return FindFile("/usr/share/vulkan/icd.d", "lvp_icd"); }
inline std::string Pocl() { return FindFile("/etc/OpenCL/vendors", "pocl"); }

}  // namespace inferometer

#endif  // INFEROMETER_TESTS_PROBES_GPU_ENVIRONMENT_H_
