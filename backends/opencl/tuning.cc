// Tries sizes of work on one matrix, the default first.
//
// A file is 64 hex digits of the SHA-256 of what follows, a line feed, and the places of the
// choices in the lists below: "matvec 1 gemm 2". Its name is the hash of device, driver, kernels
// and lists.
#include "backends/opencl/tuning.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "backends/opencl/plan.h"
#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/file.h"
#include "harness/base/sha256.h"

namespace inferometer::opencl {
namespace {

// Steps by four either way of the default: what lies between them differs by less than noise.
constexpr std::int64_t kGroupsPerUnit[] = {16, 4, 64};
constexpr std::int64_t kMatvecItems[] = {64, 32, 128};
// Sums of a work-item fill 32 vector registers of 16 floats, 16 of them, or 16 of 8 floats.
struct Tile {
  std::int64_t rows, blocks;
};
constexpr Tile kTiles[] = {{8, 2}, {4, 2}, {4, 1}};

// No further choice is tried after so long. Compilers of drivers may take seconds for each.
constexpr double kMost_s = 1;
// How much faster than the default another choice must be: less is noise.
constexpr double kGain = 0.97;
constexpr int kRuns = 5;
// 4.7 MB of q4_k, which no core's own cache holds.
constexpr std::int64_t kInWidth = 2048, kOutWidth = 4096, kManyTokens = 64;

struct Choices {
  std::size_t matvec = 0, gemm = 0;
};

Sizes SizesOf(const Choices& choices) {
  return {.groups_per_unit = kGroupsPerUnit[choices.matvec],
          .matvec_items = kMatvecItems[choices.matvec],
          .gemm_rows = kTiles[choices.gemm].rows,
          .gemm_blocks = kTiles[choices.gemm].blocks,
          .tuned = true};
}

std::filesystem::path FileOf(const Engine& engine, const std::filesystem::path& folder) {
  const Capabilities& can = engine.gpu.can();
  std::string identity = can.platform + '\0' + can.name + '\0' + can.driver + '\0' +
                         OptionsOf(can) + '\0' + std::to_string(can.units);
  for (const char* source : {"matvec", "gemm_wide"}) identity += SourceOf(source);
  for (const std::int64_t size : kGroupsPerUnit) identity += fmt::format(" {}", size);
  for (const std::int64_t size : kMatvecItems) identity += fmt::format(" {}", size);
  for (const Tile& tile : kTiles) identity += fmt::format(" {}x{}", tile.rows, tile.blocks);
  return folder / fmt::format("opencl-sizes-{}.txt", Sha256Hex(identity).substr(0, 32));
}

// Nothing unless the file is whole and names choices that there are.
std::optional<Choices> Read(const std::filesystem::path& file) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(file, none)) return std::nullopt;
  try {
    const std::string text = ReadText(file.string());
    const std::size_t line = text.find('\n');
    if (line == std::string::npos || Sha256Hex(text.substr(line + 1)) != text.substr(0, line)) {
      return std::nullopt;
    }
    Choices choices;
    if (std::sscanf(text.c_str() + line + 1, "matvec %zu gemm %zu", &choices.matvec,
                    &choices.gemm) != 2 ||
        choices.matvec >= std::size(kGroupsPerUnit) || choices.gemm >= std::size(kTiles)) {
      return std::nullopt;
    }
    return choices;
  } catch (const Error&) {
    return std::nullopt;
  }
}

// What the disk refuses is left.
void Write(const std::filesystem::path& file, const Choices& choices) {
  std::error_code none;
  std::filesystem::create_directories(file.parent_path(), none);
  try {
    const std::string text = fmt::format("matvec {} gemm {}\n", choices.matvec, choices.gemm);
    AtomicFile out(file.string());
    out.Write(Sha256Hex(text) + "\n" + text);
    out.Commit();
  } catch (const Error&) {
  }
}

// A matrix with its input and output, for as long as it lives.
class Trial {
 public:
  explicit Trial(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {
    const TensorDesc matrix{.name = "tuning",
                            .role = TensorRole::kMatrix,
                            .format = QuantId::kQ4_K,
                            .dims = {kInWidth, kOutWidth, 1, 1}};
    // Numbers that differ: zeros cost some devices less, in memory and in arithmetic. Bytes below
    // 64 are codes and scales alike, and scales of them are below 2.
    std::vector<std::byte> weights(ByteSize(matrix));
    std::minstd_rand random(1);
    for (std::byte& byte : weights) byte = static_cast<std::byte>(random() >> 16 & 0x3f);
    op_.weight = Add(matrix, weights);
    std::vector<float> values(static_cast<std::size_t>(kInWidth * kManyTokens));
    for (float& value : values) value = static_cast<float>(random() & 0xffff) / 0x8000 - 1;
    op_.in = Add({.name = "tuning in", .dims = {kInWidth, kManyTokens, 1, 1}},
                 std::as_bytes(std::span(values)));
    op_.out = Add({.name = "tuning out", .dims = {kOutWidth, kManyTokens, 1, 1}}, {});
    op_.format = QuantId::kQ4_K;
    op_.in_width = kInWidth;
    op_.out_width = kOutWidth;
  }
  ~Trial() {
    for (const TensorId id : ids_) engine_->tensors.Remove(id);
  }
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  // The shortest of a few runs of a step of so many tokens, with these sizes.
  double Seconds(const Sizes& sizes, std::int64_t tokens) {
    engine_->sizes = sizes;
    const Op op = op_;
    OpenClPlan plan(engine_, {&op, 1});
    std::vector<TokenAt> step;
    for (std::int64_t i = 0; i < tokens; ++i) {
      step.push_back({.id = 0, .position = static_cast<std::int32_t>(i), .output = true});
    }
    plan.Run({step});
    double best_s = plan.Run({step}).host_s;
    for (int run = 1; run < kRuns; ++run) best_s = std::min(best_s, plan.Run({step}).host_s);
    return best_s;
  }

 private:
  TensorId Add(const TensorDesc& desc, std::span<const std::byte> data) {
    ids_.push_back(engine_->tensors.Add(desc, data, nullptr));
    return ids_.back();
  }

  const std::shared_ptr<Engine> engine_;
  std::vector<TensorId> ids_;
  MatMul op_;
};

// The place of the fastest choice in a list of `count`.
template <typename F>
std::size_t Fastest(std::size_t count, double end_s, F&& seconds_of) {
  const double first_s = seconds_of(0);
  double best_s = kGain * first_s;
  std::size_t best = 0;
  for (std::size_t i = 1; i < count && NowSeconds() < end_s; ++i) {
    const double choice_s = seconds_of(i);
    if (choice_s >= best_s) continue;
    best_s = choice_s;
    best = i;
  }
  return best;
}

}  // namespace

void Tune(const std::shared_ptr<Engine>& engine, const std::filesystem::path& folder) {
  const std::filesystem::path file =
      folder.empty() ? std::filesystem::path() : FileOf(*engine, folder);
  if (const std::optional<Choices> known = file.empty() ? std::nullopt : Read(file)) {
    engine->sizes = SizesOf(*known);
    return;
  }
  const Sizes before = engine->sizes;
  try {
    Trial trial(engine);
    Choices choices;
    const double start_s = NowSeconds();
    choices.matvec = Fastest(std::size(kGroupsPerUnit), start_s + kMost_s / 2, [&](std::size_t i) {
      return trial.Seconds(SizesOf({.matvec = i}), 1);
    });
    if (engine->gpu.can().wide) {
      choices.gemm = Fastest(std::size(kTiles), start_s + kMost_s, [&](std::size_t i) {
        return trial.Seconds(SizesOf({.matvec = choices.matvec, .gemm = i}), kManyTokens);
      });
    }
    engine->sizes = SizesOf(choices);
    if (!file.empty()) Write(file, choices);
  } catch (const Error&) {
    engine->sizes = before;
  }
}

}  // namespace inferometer::opencl
