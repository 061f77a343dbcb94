// Bad input: each kind ends with its exit code, one message that names the thing, and no traces.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <algorithm>
#include <string>
#include <vector>

#include "harness/base/file.h"
#include "tests/harness/cli/program.h"
#include "tests/harness/cli/tiny_model.h"

namespace inferometer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// One line of error, nothing on stdout.
void ExpectRefusal(const Ended& ended, int code, const std::vector<std::string>& words) {
  EXPECT_EQ(ended.code, code) << ended.err;
  EXPECT_THAT(ended.out, IsEmpty());
  EXPECT_THAT(ended.err, StartsWith("error: "));
  EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
  for (const std::string& word : words) EXPECT_THAT(ended.err, HasSubstr(word));
}

struct Misuse {
  std::vector<std::string> arguments;
  std::vector<std::string> words;  // that the message holds
};

class Usage : public ::testing::TestWithParam<Misuse> {};

TEST_P(Usage, IsExitCodeTwoWithTheRemedy) {
  const TemporaryFolder folder;
  ExpectRefusal(RunInferometer(GetParam().arguments, folder.path()), 2, GetParam().words);
  EXPECT_THAT(folder.Names(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Usage,
    ::testing::Values(
        Misuse{{}, {"--help"}},                            //
        Misuse{{"rnu"}, {"'rnu'", "did you mean 'run'"}},  //
        Misuse{{"--versoin"}, {"'--versoin'", "'--version'"}},
        Misuse{{"run", "--modle", "x"}, {"'--modle'", "'--model'"}},
        Misuse{{"run", "--jsn=x"}, {"'--jsn'", "'--json'"}}, Misuse{{"run", "stray"}, {"'stray'"}},
        Misuse{{"run", "--threads"}, {"--threads"}},
        Misuse{{"run", "--threads", "many"}, {"--threads", "'many'", "whole number"}},
        Misuse{{"run", "--threads", "0"}, {"--threads", "'0'"}},
        Misuse{{"run", "--threads", "-1"}, {"--threads", "'-1'"}},
        Misuse{{"run", "--threads", "99999999999999999999"}, {"--threads"}},
        Misuse{{"run", "--seed", "1e3"}, {"--seed", "'1e3'"}},
        Misuse{{"run", "--seed", "1", "--seed", "2"}, {"--seed", "once"}},
        Misuse{{"run", "--time-budget", "nan"}, {"--time-budget", "'nan'"}},
        Misuse{{"run", "--time-budget", "-3"}, {"--time-budget", "'-3'"}},
        Misuse{{"run", "--time-budget", "0"}, {"--time-budget", "'0'"}},
        Misuse{{"run", "--json", ""}, {"--json", "empty"}},
        Misuse{{"run", "--workload", "decode,,prefill"}, {"--workload", "comma"}},
        Misuse{{"run", "--progress", "plane"}, {"--progress", "'plane'", "'plain'"}},
        Misuse{{"run", "--preset", "quik"}, {"preset", "'quik'", "'quick'"}},
        Misuse{{"run", "--model", "smolm2-135m"}, {"model", "'smolm2-135m'", "'smollm2-135m'"}},
        Misuse{{"run", "--quant", "q4_k_n"}, {"quant", "'q4_k_n'", "'q4_k_m'"}},
        Misuse{{"run", "--workload", "decod"}, {"workload", "'decod'", "'decode'"}},
        Misuse{{"run", "--device", "cpu:scalr"}, {"device", "'cpu:scalr'", "'cpu:scalar'"}},
        Misuse{{"run", "--backend", "cpuu"}, {"backend", "'cpuu'", "'cpu'"}},
        Misuse{{"run", "--json", "-", "--csv", "-"}, {"--json", "--csv", "'-'"}},
        Misuse{{"run", "--json", "a", "--html", "a"}, {"--json", "--html", "'a'"}},
        Misuse{{"list", "model"}, {"'model'", "'models'"}}, Misuse{{"list"}, {"WHAT"}},
        Misuse{{"list", "models", "--json", "--markdown"}, {"--json", "--markdown"}},
        Misuse{{"verify", "--device", "cpu:scalr"}, {"device", "'cpu:scalr'", "'cpu:scalar'"}},
        Misuse{{"model"}, {"model --help"}}, Misuse{{"model", "mkae"}, {"'mkae'", "'make'"}},
        Misuse{{"model", "make", "--model", "lama-3.2-1b", "--quant", "q8_0", "-o", "x"},
               {"'lama-3.2-1b'", "'llama-3.2-1b'"}},
        Misuse{{"model", "make", "--model", "smollm2-135m", "--quant", "q8", "-o", "x"},
               {"'q8'", "'q8_0'"}},
        Misuse{{"model", "make", "--quant", "q8_0", "-o", "x"}, {"--model"}},
        Misuse{{"eval", "--model", "smollm2-135m"}, {"--tokens"}},
        Misuse{{"eval", "--model", "smolm2-135m", "--tokens", "1"}, {"'smollm2-135m'"}},
        Misuse{{"eval", "--model", "smollm2-135m", "--tokens", "1,x"}, {"--tokens", "'x'", "2"}},
        Misuse{{"eval", "--model", "smollm2-135m", "--tokens", "1,-2"}, {"--tokens", "'-2'"}},
        Misuse{{"eval", "--model", "smollm2-135m", "--tokens", "1,,2"}, {"--tokens"}},
        Misuse{{"eval", "--model", "smollm2-135m", "--tokens", "4294967296"}, {"4294967296"}},
        Misuse{{"eval", "--model", "smollm2-135m", "--tokens", "1,49152", "--device", "reference"},
               {"--tokens", "49152", "49151"}},
        Misuse{{"eval", "--model", "smollm2-135m", "--tokens", "1", "--greedy", "9000", "--device",
                "reference"},
               {"--greedy", "9001", "8192"}},
        Misuse{{"eval", "--model", "smollm2-135m", "--tokens", "1", "--device", "cpu:scalr"},
               {"'cpu:scalr'", "'cpu:scalar'"}}));

class Unwritable : public ::testing::TestWithParam<std::string> {};

TEST_P(Unwritable, IsSaidBeforeAnythingIsMeasured) {
  const TemporaryFolder folder;
  WriteFile(folder / "file", "");
  for (const std::string path : {"missing/out", "file/out", "."}) {
    ExpectRefusal(RunInferometer({"run", "--preset", "quick", GetParam(), path}, folder.path()), 2,
                  {"'" + path + "'"});
  }
  EXPECT_THAT(folder.Names(), ElementsAre("file"));
}

INSTANTIATE_TEST_SUITE_P(Flags, Unwritable,
                         ::testing::Values("--json", "--html", "--csv", "--markdown",
                                           "--llama-bench-json", "--google-benchmark-json"));

// Commands that read a GGUF file, with the file's name in place of FILE.
std::vector<std::vector<std::string>> Readers(const std::string& file) {
  return {{"run", "--preset", "quick", "--model", file, "--json", "out"},
          {"eval", "--model", file, "--tokens", "1", "--json", "out", "--device", "reference"},
          {"model", "inspect", file},
          {"model", "hash", file}};
}

void ExpectInvalid(const std::string& content, const std::string& word) {
  const TemporaryFolder folder;
  WriteFile(folder / "bad.gguf", content);
  for (const auto& arguments : Readers("bad.gguf")) {
    ExpectRefusal(RunInferometer(arguments, folder.path()), 5, {"bad.gguf", word});
  }
  EXPECT_THAT(folder.Names(), ElementsAre("bad.gguf"));
}

TEST(BadModelFile, MissingIsExitCodeFive) {
  const TemporaryFolder folder;
  for (const auto& arguments : Readers("missing.gguf")) {
    ExpectRefusal(RunInferometer(arguments, folder.path()), 5, {"missing.gguf"});
  }
  EXPECT_THAT(folder.Names(), IsEmpty());
}

TEST(BadModelFile, EmptyIsExitCodeFive) { ExpectInvalid("", ""); }

TEST(BadModelFile, AnotherFormatIsExitCodeFive) {
  ExpectInvalid("PK\x03\x04 this is a zip file, not a model", "");
}

TEST(BadModelFile, TruncatedIsExitCodeFive) {
  const TemporaryFolder folder;
  WriteTinyModel(folder / "good.gguf");
  const std::string good = ReadText(folder / "good.gguf");
  for (const std::size_t size : {good.size() - 1, good.size() / 2, good.size() / 50}) {
    ExpectInvalid(good.substr(0, size), "");
  }
}

TEST(BadModelFile, CorruptCountIsExitCodeFive) {
  const TemporaryFolder folder;
  WriteTinyModel(folder / "good.gguf");
  std::string bad = ReadText(folder / "good.gguf");
  bad.replace(8, 8, "\xff\xff\xff\xff\xff\xff\xff\x7f", 8);  // the header's tensor count
  ExpectInvalid(bad, "");
}

TEST(BadModelFile, AFolderIsExitCodeFive) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkdir((folder / "bad.gguf").c_str(), 0755), 0);
  for (const auto& arguments : Readers("bad.gguf")) {
    ExpectRefusal(RunInferometer(arguments, folder.path()), 5, {"bad.gguf"});
  }
}

TEST(BadModelFile, TakesNoQuant) {
  const TemporaryFolder folder;
  WriteTinyModel(folder / "good.gguf");
  ExpectRefusal(RunInferometer({"eval", "--model", "good.gguf", "--quant", "q4_0", "--tokens", "1",
                                "--device", "reference"},
                               folder.path()),
                2, {"--quant", "good.gguf"});
}

TEST(BadResultFile, IsExitCodeFive) {
  const TemporaryFolder folder;
  WriteFile(folder / "text.json", "no JSON");
  WriteFile(folder / "other.json", "{\"schema\": 3}");
  for (const std::string name : {"missing.json", "text.json", "other.json"}) {
    const Ended ended = RunInferometer({"report", name, "--html", "out.html"}, folder.path());
    EXPECT_EQ(ended.code, 5) << ended.err;
    EXPECT_THAT(ended.err, StartsWith("error: "));
    EXPECT_THAT(ended.err, HasSubstr(name));
  }
  EXPECT_THAT(folder.Names(), ElementsAre("other.json", "text.json"));
}

TEST(ErrorMessage, LetsNoEscapeSequenceThrough) {
  const Ended ended = RunInferometer({"run", "--model", "\x1b[2Jevil"});
  EXPECT_EQ(ended.code, 2);
  EXPECT_EQ(ended.err.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace inferometer
