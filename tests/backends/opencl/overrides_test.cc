// Words that switch features off.
#include "backends/opencl/overrides.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "harness/base/error.h"

namespace inferometer::opencl {
namespace {

TEST(OpenClOverrides, SwitchOffWhatTheyName) {
  const Overrides none = ParseOverrides("");
  EXPECT_EQ(none.path, Path::kByDevice);
  EXPECT_TRUE(none.subgroup && none.fp16 && none.dot && none.builtin && none.unified &&
              none.tuning);
  const Overrides some = ParseOverrides("no-subgroup,path=group  no-unified range=65536");
  EXPECT_EQ(some.path, Path::kGroup);
  EXPECT_FALSE(some.subgroup || some.unified);
  EXPECT_TRUE(some.fp16 && some.dot && some.builtin);
  EXPECT_EQ(some.range, 65536u);
  EXPECT_FALSE(ParseOverrides("no-tuning").tuning);
}

TEST(OpenClOverrides, RefuseUnknownWordsAndNameThose) {
  for (const char* text : {"no-such", "path=", "range=12x", "range=", "no-fp16 path=fast"}) {
    try {
      ParseOverrides(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kUsage);
      EXPECT_THAT(error.what(), testing::HasSubstr("INFEROMETER_OPENCL"));
      EXPECT_THAT(error.what(), testing::HasSubstr("path=wide|group")) << text;
    }
  }
}

}  // namespace
}  // namespace inferometer::opencl
