// A throw-away folder that plays the root of a system.
#ifndef INFEROMETER_TESTS_PROBES_SCRATCH_H_
#define INFEROMETER_TESTS_PROBES_SCRATCH_H_

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "probes/probe.h"

namespace inferometer {

class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "inferometer-XXXXXX").string();
    root.files = mkdtemp(name.data());
  }
  ~Scratch() { std::filesystem::remove_all(root.files); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string Path(const std::string& path) {
    const std::filesystem::path full = root.files + path;
    std::filesystem::create_directories(full.parent_path());
    return full.string();
  }
  void Write(const std::string& path, const std::string& text) {
    std::ofstream(Path(path), std::ios::binary) << text;
  }

  SystemRoot root;
};

}  // namespace inferometer

#endif  // INFEROMETER_TESTS_PROBES_SCRATCH_H_
