// Signatures and key files, with minisign itself as the second opinion.
#include "results/submit/minisign.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "results/submit/key_file.h"
#include "tests/results/submit/made_result.h"

namespace inferometer {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "inferometer-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

void Save(const std::string& path, const std::string& text,
          fs::perms mode = fs::perms::owner_read | fs::perms::owner_write) {
  std::ofstream(path, std::ios::binary) << text;
  fs::permissions(path, mode);
}

bool HasMinisign() { return std::system("command -v minisign >/dev/null 2>&1") == 0; }

int Shell(const std::string& command) {
  const int status = std::system((command + " >/dev/null 2>&1").c_str());
  return WEXITSTATUS(status);
}

template <typename Act>
std::string ErrorOf(Act&& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Minisign, AcceptsItsOwnAndRefusesEveryChange) {
  const SecretKey key = SecretKey::Generate();
  const std::string text = "some bytes\n", signature = key.Sign(text, "file:x.json");
  EXPECT_EQ(WhyNotSigned(text, signature, key.PublicKey()), "");
  EXPECT_THAT(WhyNotSigned("Some bytes\n", signature, key.PublicKey()),
              HasSubstr("not one of these"));
  EXPECT_THAT(WhyNotSigned(text, signature, SecretKey::Generate().PublicKey()),
              HasSubstr("signed by key"));
  std::string comment = signature;
  comment.replace(comment.find("x.json"), 6, "y.json");
  EXPECT_EQ(WhyNotSigned(text, comment, key.PublicKey()), "the trusted comment was changed");
  // Each of the characters that count.
  for (std::size_t i = signature.find('\n') + 1; i < signature.size(); ++i) {
    std::string changed = signature;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_NE(WhyNotSigned(text, changed, key.PublicKey()), "") << i;
  }
  for (std::size_t size = 0; size < signature.size() - 1; size += 7) {
    EXPECT_NE(WhyNotSigned(text, signature.substr(0, size), key.PublicKey()), "") << size;
  }
  EXPECT_NE(WhyNotSigned(text, signature, "RWnonsense"), "");
}

TEST(Minisign, KeysSurviveTheirFile) {
  const SecretKey key = SecretKey::Generate();
  const SecretKey again = SecretKey::Parse(key.FileText(), "k");
  EXPECT_EQ(again.PublicKey(), key.PublicKey());
  EXPECT_TRUE(IsPublicKey(key.PublicKey()));
  EXPECT_EQ(key.PublicKey().size(), 56u);
  EXPECT_EQ(WhyNotSigned("x", again.Sign("x", ""), key.PublicKey()), "");
  std::string damaged = key.FileText();
  damaged[damaged.size() - 20] = damaged[damaged.size() - 20] == 'A' ? 'B' : 'A';
  EXPECT_THAT(ErrorOf([&] { SecretKey::Parse(damaged, "k"); }), HasSubstr("'k'"));
  EXPECT_THAT(ErrorOf([&] { SecretKey::Parse("", "k"); }), HasSubstr("--new-key"));
}

TEST(Minisign, TheOriginalVerifiesOurs) {
  if (!HasMinisign()) GTEST_SKIP() << "minisign is not installed: ci/setup test installs it";
  const Folder folder;
  const Published published = Publish(ToJson(MadeResult()), TestKey());
  Save(folder / "r.json", published.text);
  Save(folder / "r.json.minisig", published.signature);
  const std::string verify =
      "minisign -Vm '" + (folder / "r.json") + "' -P " + TestKey().PublicKey();
  EXPECT_EQ(Shell(verify), 0);
  Save(folder / "r.json", published.text + " ");
  EXPECT_NE(Shell(verify), 0);
}

TEST(Minisign, WeVerifyTheOriginals) {
  if (!HasMinisign()) GTEST_SKIP() << "minisign is not installed: ci/setup test installs it";
  const Folder folder;
  Save(folder / "m", "message");
  const std::string files = "-p '" + (folder / "k.pub") + "' -s '" + (folder / "k.key") + "'";
  ASSERT_EQ(Shell("minisign -G -W " + files), 0);
  ASSERT_EQ(Shell("minisign -S -m '" + (folder / "m") + "' " + files), 0);
  const SecretKey key = ReadKeyFile(folder / "k.key");
  EXPECT_EQ(WhyNotSigned("message", ReadText(folder / "m.minisig"), key.PublicKey()), "");
  EXPECT_THAT(ReadText(folder / "k.pub"), HasSubstr(key.PublicKey()));
  // The older kind, over the bytes themselves.
  ASSERT_EQ(Shell("minisign -S -l -m '" + (folder / "m") + "' " + files), 0);
  EXPECT_EQ(WhyNotSigned("message", ReadText(folder / "m.minisig"), key.PublicKey()), "");
  // And it signs with a key of ours.
  MakeKeyFile(folder / "ours.key");
  ASSERT_EQ(Shell("minisign -S -m '" + (folder / "m") + "' -s '" + (folder / "ours.key") + "'"), 0);
  EXPECT_EQ(WhyNotSigned("message", ReadText(folder / "m.minisig"),
                         ReadKeyFile(folder / "ours.key").PublicKey()),
            "");
}

TEST(KeyFile, IsForItsOwnerAndNeverOverwritten) {
  const Folder folder;
  const std::string path = folder / "deep/er/submit.key";
  MakeKeyFile(path);
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const std::string before = ReadText(path);
  EXPECT_THAT(ErrorOf([&] { MakeKeyFile(path); }), HasSubstr("is there already"));
  fs::remove(folder / "deep/er/submit.pub");
  EXPECT_THAT(ErrorOf([&] { MakeKeyFile(path); }), HasSubstr("never overwritten"));
  EXPECT_EQ(ReadText(path), before);
}

TEST(KeyFile, ErrorsSayWhatToDo) {
  const Folder folder;
  const std::string path = folder / "submit.key";
  EXPECT_THAT(ErrorOf([&] { ReadKeyFile(path); }), HasSubstr("submit --new-key"));
  MakeKeyFile(path);
  fs::permissions(path, fs::perms::owner_all | fs::perms::group_read);
  EXPECT_THAT(ErrorOf([&] { ReadKeyFile(path); }), HasSubstr("chmod 600"));
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(ErrorOf([&] { ReadKeyFile(path); }), "");
  Save(path, "nonsense");
  EXPECT_THAT(ErrorOf([&] { ReadKeyFile(path); }), HasSubstr("is not a secret key"));
  Save(path, std::string(100000, 'x'));
  EXPECT_THAT(ErrorOf([&] { ReadKeyFile(path); }), HasSubstr("is not a key file"));
  EXPECT_THAT(ErrorOf([&] { ReadKeyFile(folder / "."); }), HasSubstr("is not a key file"));
}

TEST(KeyFile, APasswordIsRefusedWithTheRemedy) {
  const SecretKey key = SecretKey::Generate();
  std::string text = key.FileText();
  const std::size_t line = text.find('\n') + 1;
  // "Ed\0\0B2" -> "EdScB2"
  text.replace(line, 8, "RWRTY0Iy");
  EXPECT_THAT(ErrorOf([&] { SecretKey::Parse(text, "k"); }), HasSubstr("minisign -C -W"));
}

}  // namespace
}  // namespace inferometer
