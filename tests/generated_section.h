// The parts of README files that are written from tables: between <!-- name --> and <!-- /name -->.
#ifndef INFEROMETER_TESTS_GENERATED_SECTION_H_
#define INFEROMETER_TESTS_GENERATED_SECTION_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "harness/base/file.h"

namespace inferometer {

// Expects `text` in that section of `file`, a path from the project's root; with
// INFEROMETER_UPDATE_GOLDEN=1 writes it there.
inline void ExpectSection(const std::string& file, const std::string& name,
                          const std::string& text) {
  const std::string path = std::string(INFEROMETER_TEST_DIR) + "/../" + file;
  const std::string begin = "<!-- " + name + " -->\n", end = "<!-- /" + name + " -->";
  std::string whole = ReadText(path);
  const std::size_t from = whole.find(begin), to = whole.find(end);
  ASSERT_NE(from, std::string::npos) << file << " has no section " << name;
  ASSERT_NE(to, std::string::npos) << file << " has no end of section " << name;
  const std::size_t at = from + begin.size();
  if (std::getenv("INFEROMETER_UPDATE_GOLDEN") != nullptr) {
    whole.replace(at, to - at, text);
    std::ofstream(path, std::ios::binary) << whole;
    return;
  }
  EXPECT_EQ(whole.substr(at, to - at), text) << "run the tests with INFEROMETER_UPDATE_GOLDEN=1";
}

}  // namespace inferometer

#endif  // INFEROMETER_TESTS_GENERATED_SECTION_H_
