// The progress display: fits the width, draws seldom, leaves nothing behind, honours NO_COLOR.
#include "harness/cli/progress.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "harness/base/error.h"

namespace inferometer {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

Progress Decode(int repetition) {
  Progress progress;
  progress.phase = "measure";
  progress.what = "decode llama-3.2-1b q4_k_m, depth 2048 on cpu:avx512_vnni";
  progress.done = 3;
  progress.total = 8;
  progress.repetition = repetition;
  progress.median = 41.23456;
  progress.unit = "tok/s";
  progress.eta_s = 79.5;
  return progress;
}

struct Recorder {
  std::vector<std::string> written;
  ProgressDisplay Display(ProgressStyle style, bool color = false, std::size_t width = 80) {
    return {style, color, [width] { return width; },
            [this](std::string_view text) { written.emplace_back(text); }};
  }
};

TEST(ProgressLine, SaysWhereTheRunIs) {
  EXPECT_EQ(ProgressLine(Decode(7), 200),
            "[3/8] measure decode llama-3.2-1b q4_k_m, depth 2048 on cpu:avx512_vnni | rep 7, "
            "41.23 tok/s | 1:20 left");
}

TEST(ProgressLine, NeverExceedsTheWidth) {
  for (std::size_t width = 0; width < 130; ++width) {
    EXPECT_LE(ColumnsOf(ProgressLine(Decode(7), width)), width);
  }
}

TEST(ProgressLine, ShortensTheDescriptionBeforeTheFigures) {
  const std::string line = ProgressLine(Decode(7), 79);
  EXPECT_THAT(line, StartsWith("[3/8] measure decode"));
  EXPECT_THAT(line, EndsWith("... | rep 7, 41.23 tok/s | 1:20 left"));
}

TEST(ProgressLine, LetsNoEscapeSequenceOfAFileNameThrough) {
  Progress progress = Decode(1);
  progress.what = "decode \x1b[2Jevil\n.gguf";
  EXPECT_THAT(ProgressLine(progress, 200), Not(HasSubstr("\x1b")));
  EXPECT_THAT(ProgressLine(progress, 200), Not(HasSubstr("\n")));
}

TEST(ProgressLine, CutsBetweenCharacters) {
  EXPECT_EQ(Shorten("äöüäöü", 5), "äö...");
  EXPECT_EQ(Shorten("äöüäö", 5), "äöüäö");
}

TEST(ProgressLine, ShowsHours) {
  Progress progress = Decode(1);
  progress.eta_s = 3723;
  EXPECT_THAT(ProgressLine(progress, 200), EndsWith("1:02:03 left"));
}

TEST(LiveProgress, RedrawsAtMostTenTimesASecond) {
  Recorder recorder;
  ProgressDisplay display = recorder.Display(ProgressStyle::kLive);
  for (int ms = 0; ms < 10000; ++ms) display.Show(Decode(ms), ms / 1000.0);
  EXPECT_LE(recorder.written.size(), 101u);
  EXPECT_GE(recorder.written.size(), 90u);
}

TEST(LiveProgress, StaysBelowTenASecondWhenCasesChangeFaster) {
  Recorder recorder;
  ProgressDisplay display = recorder.Display(ProgressStyle::kLive);
  for (int ms = 0; ms < 10000; ++ms) {
    Progress progress = Decode(0);
    progress.what = std::to_string(ms);
    display.Show(progress, ms / 1000.0);
  }
  EXPECT_LE(recorder.written.size(), 103u);
}

TEST(LiveProgress, ShowsANewPhaseAtOnce) {
  Recorder recorder;
  ProgressDisplay display = recorder.Display(ProgressStyle::kLive);
  for (int ms = 0; ms < 2000; ++ms) display.Show(Decode(ms), ms / 1000.0);
  Progress next = Decode(0);
  next.phase = "warm-up";
  display.Show(next, 2.0);
  EXPECT_THAT(recorder.written.back(), HasSubstr("warm-up"));
}

TEST(LiveProgress, IsOneLineThatIsClearedAtTheEnd) {
  Recorder recorder;
  {
    ProgressDisplay display = recorder.Display(ProgressStyle::kLive);
    display.Show(Decode(1), 0);
    display.Show(Decode(2), 5);
  }
  ASSERT_THAT(recorder.written, SizeIs(3));
  for (const std::string& text : recorder.written) {
    EXPECT_THAT(text, StartsWith("\r"));
    EXPECT_THAT(text, EndsWith("\x1b[K"));
    EXPECT_THAT(text, Not(HasSubstr("\n")));
  }
  EXPECT_EQ(recorder.written.back(), "\r\x1b[K");
}

TEST(LiveProgress, HasColourOnlyWhenAsked) {
  Recorder plain, colored;
  plain.Display(ProgressStyle::kLive, false).Show(Decode(1), 0);
  colored.Display(ProgressStyle::kLive, true).Show(Decode(1), 0);
  EXPECT_THAT(plain.written.front(), Not(HasSubstr("\x1b[36m")));
  EXPECT_THAT(colored.written.front(), HasSubstr("\x1b[36m"));
}

TEST(PlainProgress, AnnouncesEachPhaseOnceWithoutEscapes) {
  Recorder recorder;
  ProgressDisplay display = recorder.Display(ProgressStyle::kPlain);
  Progress other = Decode(0);
  other.what = "prefill";
  for (int i = 0; i < 100; ++i) {
    display.Show(Decode(i), i * 0.01);
    display.Show(other, i * 0.01);
  }
  display.Clear();
  ASSERT_THAT(recorder.written, SizeIs(2));
  for (const std::string& line : recorder.written) {
    EXPECT_THAT(line, EndsWith("\n"));
    EXPECT_THAT(line, Not(HasSubstr("\x1b")));
    EXPECT_THAT(line, Not(HasSubstr("\r")));
  }
}

TEST(PlainProgress, GivesASignOfLife) {
  Recorder recorder;
  ProgressDisplay display = recorder.Display(ProgressStyle::kPlain);
  for (int s = 0; s <= 65; ++s) display.Show(Decode(s), s);
  EXPECT_THAT(recorder.written, SizeIs(3));
}

TEST(NoProgress, IsSilent) {
  Recorder recorder;
  recorder.Display(ProgressStyle::kNone).Show(Decode(1), 0);
  EXPECT_THAT(recorder.written, IsEmpty());
}

TEST(ProgressStyle, FollowsTheTerminalUnlessToldOtherwise) {
  Terminal live, file;
  live.live = true;
  EXPECT_EQ(ProgressStyleOf("auto", live), ProgressStyle::kLive);
  EXPECT_EQ(ProgressStyleOf("auto", file), ProgressStyle::kPlain);
  EXPECT_EQ(ProgressStyleOf("plain", live), ProgressStyle::kPlain);
  EXPECT_EQ(ProgressStyleOf("none", live), ProgressStyle::kNone);
  EXPECT_THROW(ProgressStyleOf("fancy", live), Error);
}

}  // namespace
}  // namespace inferometer
