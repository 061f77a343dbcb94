// `submit`, `validate` and `results` as a person and as CI use them, on the real program.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/base/file.h"
#include "tests/harness/cli/program.h"
#include "tests/results/submit/made_result.h"

namespace inferometer {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
namespace fs = std::filesystem;

class Submit : public ::testing::Test {
 protected:
  Submit() { WriteFile(folder_ / "r.json", ToJson(MadeResult()).dump()); }

  Ended Run(std::vector<std::string> arguments, const Environment& more = {}) const {
    Environment environment = {{"XDG_CONFIG_HOME", folder_ / "config"}, {"USER", "erika"}};
    environment.insert(environment.end(), more.begin(), more.end());
    return RunInferometer(arguments, folder_.path(), environment);
  }
  // The only result below results/public.
  std::string Placed() const {
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "results/public")) {
      if (entry.path().extension() == ".json") return entry.path().string();
    }
    return "";
  }
  const TemporaryFolder folder_;
};

TEST_F(Submit, GoesFromKeyToPlace) {
  const Ended key = Run({"submit", "--new-key"});
  ASSERT_EQ(key.code, 0) << key.err;
  EXPECT_THAT(key.out, IsEmpty());
  struct stat status{};
  ASSERT_EQ(::stat((folder_ / "config/inferometer/submit.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);

  const Ended dry = Run({"submit", "r.json", "--dry-run"});
  ASSERT_EQ(dry.code, 0) << dry.err;
  EXPECT_THAT(dry.err, HasSubstr("Leaves this machine:"));
  EXPECT_THAT(dry.err, HasSubstr("nothing was written"));
  EXPECT_FALSE(fs::exists(folder_ / "results"));

  const Ended placed = Run({"submit", "r.json"});
  ASSERT_EQ(placed.code, 0) << placed.err;
  EXPECT_THAT(placed.out, IsEmpty());
  ASSERT_NE(Placed(), "");
  EXPECT_EQ(ReadText(Placed()), dry.out) << "the dry run shows the exact bytes";

  const Ended valid = Run({"validate"});
  EXPECT_EQ(valid.code, 0) << valid.out;
  EXPECT_THAT(valid.err, HasSubstr("1 results checked"));

  const Ended again = Run({"submit", "r.json"});
  EXPECT_EQ(again.code, 5);
  EXPECT_THAT(again.err, HasSubstr("already_published"));

  if (std::system("command -v minisign >/dev/null 2>&1") == 0) {
    const std::string verify = "minisign -Vm '" + Placed() + "' -p '" +
                               (folder_ / "config/inferometer/submit.pub") + "' >/dev/null";
    EXPECT_EQ(std::system(verify.c_str()), 0);
  }
}

TEST_F(Submit, WithholdsTheNamesOfTheUser) {
  nlohmann::json result = ToJson(MadeResult());
  result["device"]["os"]["machine"] = "Erika's desk";
  WriteFile(folder_ / "r.json", result.dump());
  const Ended dry = Run({"submit", "r.json", "--dry-run", "--new-key"});
  EXPECT_EQ(dry.code, 2) << "a dry run writes nothing, and no key";
  ASSERT_EQ(Run({"submit", "--new-key"}).code, 0);
  const Ended shown = Run({"submit", "r.json", "--dry-run"});
  EXPECT_EQ(shown.code, 0) << shown.err;
  EXPECT_THAT(shown.out, Not(HasSubstr("rika")));
  EXPECT_THAT(shown.err, HasSubstr("device.os.machine"));
}

TEST_F(Submit, NeverLosesAKey) {
  ASSERT_EQ(Run({"submit", "--new-key"}).code, 0);
  const std::string before = ReadText(folder_ / "config/inferometer/submit.key");
  const Ended again = Run({"submit", "--new-key"});
  EXPECT_EQ(again.code, 2);
  EXPECT_THAT(again.err, HasSubstr("already"));
  EXPECT_EQ(ReadText(folder_ / "config/inferometer/submit.key"), before);
}

TEST_F(Submit, ErrorsNameTheRemedy) {
  EXPECT_THAT(Run({"submit"}).err, HasSubstr("--new-key"));
  const Ended keyless = Run({"submit", "r.json"});
  EXPECT_EQ(keyless.code, 5);
  EXPECT_THAT(keyless.err, HasSubstr("inferometer submit --new-key"));
  ASSERT_EQ(Run({"submit", "--new-key"}).code, 0);
  EXPECT_EQ(Run({"submit", "absent.json"}).code, 5);
  nlohmann::json quick = ToJson(MadeResult());
  quick["run"]["preset"] = "quick";
  WriteFile(folder_ / "quick.json", quick.dump());
  const Ended refused = Run({"submit", "quick.json"});
  EXPECT_EQ(refused.code, 5);
  EXPECT_THAT(refused.err, HasSubstr("not_leaderboard"));
  EXPECT_FALSE(fs::exists(folder_ / "results"));
}

TEST_F(Submit, ValidateTellsInvalidFromImplausible) {
  ASSERT_EQ(Run({"submit", "--new-key"}).code, 0);
  ASSERT_EQ(Run({"submit", "r.json"}).code, 0);
  const std::string text = ReadText(Placed());
  std::string changed = text;
  changed.replace(changed.find("Made-up"), 7, "Mode-up");
  WriteFile(Placed(), changed);
  const Ended invalid = Run({"validate", "--format", "json"});
  EXPECT_EQ(invalid.code, 5);
  const nlohmann::json findings = nlohmann::json::parse(invalid.out);
  EXPECT_EQ(findings[0]["id"], "file_name");
  EXPECT_EQ(findings[1]["id"], "signature_bad");
  EXPECT_THAT(Run({"validate", "--format", "github"}).out, StartsWith("::error file="));

  // Signed and placed as it should be, and yet not of this world.
  nlohmann::json document = nlohmann::json::parse(text);
  document["run"]["duration_s"] = 0.01;
  const Published forged = Resign(document, TestKey());
  document["run"]["publisher"]["public_key"] = TestKey().PublicKey();
  const Published resigned = Resign(document, TestKey());
  fs::remove_all(folder_ / "results/public");
  fs::create_directories(fs::path(folder_ / "results/public") /
                         fs::path(resigned.name).parent_path());
  WriteFile(folder_ / "results/public/" + resigned.name, resigned.text);
  WriteFile(folder_ / "results/public/" + resigned.name + ".minisig", resigned.signature);
  const Ended implausible = Run({"validate"});
  EXPECT_EQ(implausible.code, 6) << implausible.out;
  EXPECT_THAT(implausible.out, HasSubstr("implausible duration"));
}

TEST_F(Submit, ValidateTakesTheChangesOfAPullRequest) {
  ASSERT_EQ(Run({"submit", "--new-key"}).code, 0);
  ASSERT_EQ(Run({"submit", "r.json"}).code, 0);
  const std::string name = fs::path(Placed()).lexically_relative(folder_.path()).generic_string();
  const std::string added = "A\t" + name + "\nA\t" + name + ".minisig\n";
  WriteFile(folder_ / "changes", added);
  const Ended good = Run({"validate", "--changes", "changes"});
  EXPECT_EQ(good.code, 0) << good.out;
  WriteFile(folder_ / "changes", added + "M\tci/test\n");
  const Ended bad = Run({"validate", "--changes", "changes"});
  EXPECT_EQ(bad.code, 5);
  EXPECT_THAT(bad.out, HasSubstr("ci/test: invalid only_additions"));
}

TEST_F(Submit, ResultsAreExportedAndRanked) {
  ASSERT_EQ(Run({"submit", "--new-key"}).code, 0);
  ASSERT_EQ(Run({"submit", "r.json"}).code, 0);
  const Ended exported = Run({"results", "export", "--ndjson", "rows.ndjson", "--csv", "-"});
  ASSERT_EQ(exported.code, 0) << exported.err;
  EXPECT_THAT(exported.out, StartsWith("file,run_id,"));
  const Ended direct = Run({"results", "leaderboard", "--csv", "-"});
  const Ended by_rows = Run({"results", "leaderboard", "--from", "rows.ndjson", "--csv", "-"});
  ASSERT_EQ(direct.code, 0) << direct.err;
  EXPECT_THAT(direct.out, HasSubstr("Made-up CPU 9000"));
  EXPECT_EQ(direct.out, by_rows.out);
  EXPECT_EQ(Run({"results", "export", "--folder", "absent"}).code, 5);
}

}  // namespace
}  // namespace inferometer
