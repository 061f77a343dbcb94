// Words: the name that was meant, and sizes that people can read.
#include "harness/base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace inferometer {
namespace {

using ::testing::HasSubstr;

TEST(Nearest, FindsTheNameThatWasMeant) {
  const std::vector<std::string> names = {"prefill", "decode", "load", "sustained"};
  EXPECT_EQ(Nearest("decod", names), "decode");
  EXPECT_EQ(Nearest("perfill", names), "prefill");
  EXPECT_EQ(Nearest("loads", names), "load");
  EXPECT_EQ(Nearest("decode", names), "decode");
}

TEST(Nearest, TakesTheFirstOfEquallyNearNames) {
  EXPECT_EQ(Nearest("c", std::vector<std::string>{"a", "b"}), "a");
}

TEST(Nearest, IsEmptyWithoutCandidates) { EXPECT_EQ(Nearest("x", {}), ""); }

TEST(UnknownName, SaysWhatWasMeantAndWhatIsKnown) {
  const std::string message = UnknownName("quant", "q8", {"f16", "q8_0"});
  EXPECT_THAT(message, HasSubstr("unknown quant 'q8'"));
  EXPECT_THAT(message, HasSubstr("did you mean 'q8_0'"));
  EXPECT_THAT(message, HasSubstr("f16, q8_0"));
}

TEST(HumanBytes, ChoosesTheUnit) {
  EXPECT_EQ(HumanBytes(0), "0 B");
  EXPECT_EQ(HumanBytes(999), "999 B");
  EXPECT_EQ(HumanBytes(64 * 1024), "64 KiB");
  EXPECT_EQ(HumanBytes(1.25 * 1024 * 1024 * 1024), "1.25 GiB");
  EXPECT_EQ(HumanBytes(807690656), "770 MiB");
}

}  // namespace
}  // namespace inferometer
