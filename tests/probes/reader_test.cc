// The reader must neither block, nor follow, nor swallow what a hostile system puts in its way.
#include "probes/reader.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/probes/scratch.h"

namespace inferometer {
namespace {

TEST(Reader, TrimsTextAndSaysWhyThereIsNone) {
  Scratch scratch;
  scratch.Write("/a", "text \n");
  scratch.Write("/empty", "\n");
  scratch.Write("/binary", std::string("a\0b", 3));
  scratch.Write("/escape", "a\x1b[31m");
  scratch.Write("/latin1", "caf\xe9");
  scratch.Write("/cut", "caf\xc3");
  scratch.Write("/utf8", "caf\xc3\xa9");
  scratch.Write("/huge", std::string(200 << 10, 'x'));
  std::filesystem::create_directory(scratch.Path("/folder"));
  std::filesystem::create_symlink("loop", scratch.Path("/loop"));
  ASSERT_EQ(mkfifo(scratch.Path("/pipe").c_str(), 0600), 0);
  const Reader reader(scratch.root);
  EXPECT_EQ(reader.Text("/a").text, "text");
  EXPECT_EQ(reader.Text("/utf8").text, "caf\xc3\xa9");
  const std::pair<const char*, const char*> reasons[] = {{"/empty", "empty"},
                                                         {"/binary", "not text"},
                                                         {"/escape", "not text"},
                                                         {"/latin1", "not text"},
                                                         {"/cut", "not text"},
                                                         {"/huge", "larger than 64 KiB"},
                                                         {"/folder", "a folder, not a file"},
                                                         {"/loop", "too many symbolic links"},
                                                         {"/pipe", "not a plain file"},
                                                         {"/none", "no such file"},
                                                         {"/a/b", "no such file"}};
  for (const auto& [path, reason] : reasons) {
    EXPECT_FALSE(reader.Text(path)) << path;
    EXPECT_EQ(reader.Text(path).reason, reason) << path;
  }
}

TEST(Reader, DeniedFilesOfARecordedDeviceStayDenied) {
  Scratch scratch;
  scratch.Write("/secret", "42");
  scratch.Write("/inferometer/denied", "/secret\n");
  EXPECT_EQ(Reader(scratch.root).Text("/secret").reason, "permission denied");
}

TEST(Reader, ListsInNaturalOrder) {
  Scratch scratch;
  for (const char* name : {"/d/cpu10", "/d/cpu2", "/d/cpu1"}) scratch.Write(name, "");
  EXPECT_EQ(Reader(scratch.root).List("/d"), (std::vector<std::string>{"cpu1", "cpu2", "cpu10"}));
}

// Every file that the live machine's probes read, replaced by each kind of rubbish.
TEST(Probes, StandRubbishInEveryFileTheyRead) {
  std::vector<std::string> paths;
  SystemRoot live;
  live.on_read = [&](const std::string& path, const std::string&) { paths.push_back(path); };
  DescribeDevice(live);
  ASSERT_GT(paths.size(), 5u);
  for (const std::string& rubbish :
       {std::string(), std::string("\0\xff\x80", 3), std::string(5 << 20, '9'), std::string("-1"),
        std::string("9223372036854775807"), std::string("18446744073709551615"),
        std::string("0-99999999"), std::string(":=:\n::\n=")}) {
    Scratch scratch;
    for (const std::string& path : paths) scratch.Write(path, rubbish);
    const nlohmann::json device = DescribeDevice(scratch.root);
    EXPECT_NO_THROW(device.dump());
    EXPECT_TRUE(device.at("/memory/total_bytes"_json_pointer).is_null());
  }
}

}  // namespace
}  // namespace inferometer
