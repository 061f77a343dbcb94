// KV move: a cache kept in memory and in a file, put back, cut short and shifted.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>

#include "harness/base/error.h"
#include "harness/base/nmse.h"
#include "harness/base/page_cache.h"
#include "harness/runner/session.h"
#include "harness/workloads/kv_state.h"
#include "harness/workloads/token_trace.h"
#include "harness/workloads/workload.h"

namespace inferometer {
namespace {

constexpr int kDepth = 1024, kKept = 64, kDropped = 256;
// Of a shifted key against a computed one: two roundings to f16 make 2^-22 / 3 at the most, and
// the steps of a prompt may differ by some rounding of their own.
constexpr double kKeyNmse = 1e-5;
// Above this share of pages still in memory, the file was not read from storage.
constexpr double kColdShare = 0.05;

std::vector<Case> Cases(std::string_view preset) {
  if (preset != "extended") return {};
  return {{"kv_move", {{"depth", kDepth}, {"kept", kKept}, {"dropped", kDropped}, {"kv", "f16"}}}};
}

nlohmann::json In(const char* store) { return {{"store", store}}; }

std::vector<RowKey> RowKeys(const Case&) {
  return {{"kv_snapshot_rate", In("ram")},
          {"kv_snapshot_rate", In("file")},
          {"kv_restore_rate", In("ram")},
          {"kv_restore_rate", In("file")},
          {"kv_truncate_time"},
          {"kv_shift_rate"},
          {"kv_shift_nmse"}};
}

std::int64_t Count(const Case& c, const char* key) { return c.params.at(key).get<std::int64_t>(); }
std::int64_t Depth(const Case& c) { return Count(c, "depth"); }
std::int64_t Shifted(const Case& c) { return Depth(c) - Count(c, "dropped"); }

std::vector<PlanLimits> Limits(const Case& c) {
  return {{.positions = Depth(c) + 1,
           .step_tokens = std::min(Depth(c), kPromptStep),
           .sequences = kScratchSequence + 1}};
}

// The prefill of the shifted text, and the tokens that check each move.
Work AllWork(const Case& c, const ModelPlan& plan) {
  constexpr double kTokens = 6;
  Work work = WorkOfPrompt(plan.ops, Shifted(c), 0, plan.limits.step_tokens);
  return work += WorkOfToken(plan.ops, 1, Depth(c)) * kTokens;
}

// A file that is gone when this is.
class TemporaryFile {
 public:
  TemporaryFile() {
    std::error_code failure;
    const std::filesystem::path folder = std::filesystem::temp_directory_path(failure);
    if (failure) {
      throw Error(ExitCode::kRunFailed, fmt::format("there is no folder for temporary files ({}): "
                                                    "set TMPDIR",
                                                    failure.message()));
    }
    path_ = (folder / fmt::format("inferometer-{}.kv", ::getpid())).string();
  }
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// One repetition, step by step.
class Mover {
 public:
  Mover(const Subject& subject, const Case& c)
      : subject_(subject),
        session_(subject.session()),
        case_(c),
        depth_(Depth(c)),
        state_(EmptyState(session_.plan(), depth_)) {}

  Repetition Go() {
    subject_.cache().Fill(session_, subject_.prompt, depth_);
    subject_.cache().Spoil(depth_, 1);
    repetition_.facts["prompt_sha256"] = HashTokens(PromptTo(depth_ + 1));
    const std::vector<float> want = LogitsOf(depth_, depth_, kPromptSequence);
    Snapshots();
    Restores(want);
    Truncate();
    Shift();
    // The next repetition finds the prompt where it was.
    WriteState(session_, state_);
    return std::move(repetition_);
  }

 private:
  std::span<const std::int32_t> PromptTo(std::int64_t end) const {
    return subject_.prompt.first(static_cast<std::size_t>(end));
  }

  // After the prompt's i-th token at `position`.
  std::vector<float> LogitsOf(std::int64_t i, std::int64_t position, std::int32_t sequence) {
    const TokenAt token{.id = subject_.prompt[static_cast<std::size_t>(i)],
                        .position = static_cast<std::int32_t>(position),
                        .sequence = sequence,
                        .output = true};
    session_.Run({&token, 1});
    return session_.Logits();
  }

  template <typename F>
  double Seconds(F&& f) {
    const double begin_s = subject_.now();
    f();
    return subject_.now() - begin_s;
  }

  void Add(const char* metric, std::int64_t positions, double seconds,
           nlohmann::json params = nlohmann::json::object()) {
    if (!(seconds > 0)) {
      throw Error(ExitCode::kRunFailed,
                  fmt::format("{} took no time at all: the clock is too coarse", metric));
    }
    const auto bytes = static_cast<double>(KvBytes(session_.plan(), positions));
    repetition_.measurements.push_back({metric, bytes / seconds, {}, 0, std::move(params)});
  }

  void Expect(const std::vector<float>& want, const std::vector<float>& got, const char* what) {
    if (want == got) return;
    throw Error(ExitCode::kRunFailed,
                fmt::format("the logits after {} differ from those before, by NMSE {:.2g}", what,
                            Nmse(want, got)));
  }

  void Erase() { WriteState(session_, EmptyState(session_.plan(), depth_)); }

  void Snapshots() {
    Add("kv_snapshot_rate", depth_, Seconds([&] { ReadState(session_, state_); }), In("ram"));
    const double file_s = Seconds([&] {
      ReadState(session_, state_);
      SaveState(state_, file_.path());
    });
    Add("kv_snapshot_rate", depth_, file_s, In("file"));
  }

  void Restores(const std::vector<float>& want) {
    Erase();
    Add("kv_restore_rate", depth_, Seconds([&] { WriteState(session_, state_); }), In("ram"));
    Expect(want, LogitsOf(depth_, depth_, kPromptSequence), "a restore from memory");

    Erase();
    KvState loaded = EmptyState(session_.plan(), depth_);
    DropPageCache(file_.path());
    repetition_.facts["page_cache"] = ResidentShare(file_.path()) > kColdShare
                                          ? "kept: the file lies on a file system in memory"
                                          : "dropped before the restore";
    const double file_s = Seconds([&] {
      LoadState(loaded, file_.path());
      WriteState(session_, loaded);
    });
    Add("kv_restore_rate", depth_, file_s, In("file"));
    Expect(want, LogitsOf(depth_, depth_, kPromptSequence), "a restore from a file");
  }

  // Nothing moves when a sequence is cut: what counts is how soon it goes on, and that nothing of
  // what was cut is seen.
  void Truncate() {
    const std::int64_t half = depth_ / 2;
    KvState shorter = state_;
    for (std::vector<std::byte>& cache : shorter.caches) {
      std::fill(cache.begin() + static_cast<std::ptrdiff_t>(cache.size() / 2), cache.end(),
                std::byte{0});
    }
    WriteState(session_, shorter);
    const std::vector<float> want = LogitsOf(half, half, kPromptSequence);
    WriteState(session_, state_);
    std::vector<float> got;
    const double after_s = Seconds([&] { got = LogitsOf(half, half, kPromptSequence); });
    Expect(want, got, "a truncation");
    repetition_.measurements.push_back({"kv_truncate_time", after_s, {}, 0});
    WriteState(session_, state_);
  }

  void Shift() {
    const std::int64_t kept = Count(case_, "kept"), dropped = Count(case_, "dropped");
    const std::int64_t shifted = Shifted(case_);
    KvState state = EmptyState(session_.plan(), depth_);
    const double shift_s = Seconds([&] {
      ReadState(session_, state);
      ShiftState(session_.plan(), kept, dropped, state);
      WriteState(session_, state);
    });
    Add("kv_shift_rate", shifted - kept, shift_s);
    const std::vector<float> keys = FirstLayerKeys(session_, kPromptSequence, shifted);
    const std::vector<float> got = LogitsOf(depth_, shifted, kPromptSequence);

    // The same text by real prefill.
    const std::span<const std::int32_t> ids = PromptTo(depth_);
    std::vector<std::int32_t> text(ids.begin(), ids.begin() + kept);
    text.insert(text.end(), ids.begin() + kept + dropped, ids.end());
    session_.Prefill(text, 0, kScratchSequence);
    const double key_nmse = Nmse(FirstLayerKeys(session_, kScratchSequence, shifted), keys);
    if (!(key_nmse <= kKeyNmse)) {
      throw Error(ExitCode::kRunFailed,
                  fmt::format("shifted keys differ from computed ones by NMSE {:.2g}, limit {:.2g}",
                              key_nmse, kKeyNmse));
    }
    const std::vector<float> want = LogitsOf(depth_, shifted, kScratchSequence);
    repetition_.measurements.push_back({"kv_shift_nmse", Nmse(want, got), {}, 0});
  }

  const Subject& subject_;
  Session& session_;
  const Case& case_;
  const std::int64_t depth_;
  KvState state_;
  TemporaryFile file_;
  Repetition repetition_;
};

Repetition Run(const Subject& subject, const Case& c) { return Mover(subject, c).Go(); }

}  // namespace

extern const Workload kKvMove;
const Workload kKvMove = {
    .name = "kv_move",
    .help = "a KV cache saved to memory and to a file, restored, cut short, and shifted",
    .cases = Cases,
    .rows = RowKeys,
    .limits = Limits,
    .work = AllWork,
    .depth = Depth,
    .run = Run};

}  // namespace inferometer
