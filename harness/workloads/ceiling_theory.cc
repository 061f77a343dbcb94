// Clock x width x pipes, and transfers x channels, against what was measured.
#include "harness/workloads/ceiling_theory.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace inferometer {
namespace {

// Measured above theory by more: the clock was read wrong, or not all that was counted was done.
constexpr double kAbove = 1.05;
// Below the least by more: something else had the cores, or the clock was far down.
constexpr double kBelow = 0.70;
constexpr double kBytesPerTransfer = 8;  // a 64-bit channel, or two of 32
// One channel alone gives more than half of its transfers to a stream of reads.
constexpr double kBelowChannel = 0.5;

// fp32 multiply-adds that a core starts in a cycle, by vector width; 0: it has no such vectors.
struct Design {
  std::string_view name;
  double fma256_least, fma256_most;  // of 256 bits
  double fma512_least, fma512_most;  // of 512 bits
};

// uops.info, VFMADD231PS throughput. Server parts of Skylake to Cascade Lake have one or two
// 512-bit pipes, client parts of Ice, Tiger and Rocket Lake one; Zen 4 does 512 bits in two halves,
// Zen 5 too in its mobile parts. Hybrid parts mix P cores of two pipes with E cores of two
// 128-bit ones.
constexpr Design kDesigns[] = {
    {"Haswell", 2, 2, 0, 0},        {"Broadwell", 2, 2, 0, 0},
    {"Skylake", 2, 2, 1, 2},        {"Kaby Lake", 2, 2, 0, 0},
    {"Coffee Lake", 2, 2, 0, 0},    {"Comet Lake", 2, 2, 0, 0},
    {"Cascade Lake", 2, 2, 1, 2},   {"Cooper Lake", 2, 2, 2, 2},
    {"Ice Lake", 2, 2, 1, 2},       {"Rocket Lake", 2, 2, 1, 1},
    {"Tiger Lake", 2, 2, 1, 1},     {"Sapphire Rapids", 2, 2, 2, 2},
    {"Emerald Rapids", 2, 2, 2, 2}, {"Granite Rapids", 2, 2, 2, 2},
    {"Alder Lake", 1, 2, 1, 1},     {"Raptor Lake", 1, 2, 0, 0},
    {"Meteor Lake", 1, 2, 0, 0},    {"Gracemont", 1, 1, 0, 0},
    {"Sierra Forest", 1, 1, 0, 0},  {"Zen", 1, 1, 0, 0},
    {"Zen+", 1, 1, 0, 0},           {"Zen 2", 2, 2, 0, 0},
    {"Zen 3", 2, 2, 0, 0},          {"Zen 3+", 2, 2, 0, 0},
    {"Zen 4", 2, 2, 1, 1},          {"Zen 5", 2, 2, 1, 2},
};

// The vectors of a kernel set, and what it does with int8: operations of one dot instruction over
// those of one fp32 multiply-add of the same width, and the least share of the pipes that its form
// leaves to the dots.
struct Form {
  std::string_view set;
  double width_bits;
  double int8_ratio, int8_least;
};

// VPDPBUSD and SDOT do four products where FMA does one. VPMADDUBSW multiplies twice 16 bits and
// leaves adding to a second instruction, which on three vector ports takes a quarter of the time.
// SMULL multiplies 8 bytes at a time, SADALP adds them up. SMMLA does twice what SDOT does, on some
// designs at half the rate.
constexpr Form kForms[] = {
    {"avx512_vnni", 512, 4, 1}, {"avx_vnni", 256, 4, 1},     {"avx2", 256, 4, 0.6},
    {"neon_i8mm", 128, 8, 0.5}, {"neon_dotprod", 128, 4, 1}, {"neon", 128, 2, 0.25},
};

const Form* FormOf(std::string_view device) {
  for (const Form& form : kForms) {
    if (device == std::string("cpu:").append(form.set)) return &form;
  }
  return nullptr;
}

// Operations of the type over those of fp32: at most, and at least. BF16 dots start once a cycle
// on some designs where FMA starts twice.
CycleBounds RatioOf(std::string_view metric, const Form& form) {
  if (metric == "fp32_peak") return {1, 1};
  if (metric == "int8_peak") return {form.int8_ratio, form.int8_ratio * form.int8_least};
  if (metric == "fp16_peak") return {2, 2};
  if (metric == "bf16_peak") return {2, 1};
  return {};
}

const Design* DesignOf(const std::string& name) {
  const auto found = std::find_if(std::begin(kDesigns), std::end(kDesigns),
                                  [&](const Design& design) { return design.name == name; });
  return found == std::end(kDesigns) ? nullptr : found;
}

std::string Billions(double value) { return fmt::format("{:.4g} G", value * 1e-9); }

class Doubter {
 public:
  Doubter(std::span<const Ceiling> ceilings, const TheoryInput& input)
      : ceilings_(ceilings), input_(input) {}

  std::vector<Warning> Run() {
    // The best of each ceiling speaks for it: a roof that fell for a moment is drift.
    std::map<std::tuple<std::string, std::string, int>, const Ceiling*> best;
    for (const Ceiling& ceiling : ceilings_) {
      const Ceiling*& place = best[{ceiling.device, ceiling.metric, ceiling.threads}];
      if (place == nullptr || ceiling.value > place->value) place = &ceiling;
    }
    for (const auto& [key, ceiling] : best) {
      if (ceiling->backend != "cpu") continue;
      if (ceiling->metric.ends_with("_peak")) Peak(*ceiling);
      if (ceiling->metric == "read_bandwidth") Bandwidth(*ceiling);
    }
    return std::move(doubts_);
  }

 private:
  // The greatest clock that is known of the device's cores.
  double Clock(const Ceiling& ceiling) const {
    double clock_hz = input_.max_clock_hz;
    for (const Ceiling& other : ceilings_) {
      if (other.metric == "core_clock" && other.backend == ceiling.backend) {
        clock_hz = std::max(clock_hz, other.value);
      }
    }
    return clock_hz;
  }

  void Peak(const Ceiling& ceiling) {
    const double clock_hz = Clock(ceiling);
    const CycleBounds bounds = CycleBoundsOf(ceiling.metric, ceiling.device, input_);
    if (clock_hz <= 0 || ceiling.threads <= 0) return;
    // Hardware threads of one core share its pipes.
    const int cores = input_.cores > 0 ? std::min(input_.cores, ceiling.threads) : ceiling.threads;
    const double cycles = clock_hz * cores;
    const std::string basis =
        fmt::format("{} core{} at {}Hz", cores, cores == 1 ? "" : "s", Billions(clock_hz));
    if (bounds.most > 0 && ceiling.value > kAbove * bounds.most * cycles) {
      Add("ceiling_above_theory", ceiling, bounds.most * cycles,
          fmt::format("the most that {} can do", basis),
          "the clock that the system tells may be too low, or the kernel does less than it counts: "
          "compare with core_clock, and report it with the result");
    }
    if (bounds.least > 0 && ceiling.value < kBelow * bounds.least * cycles) {
      Add("ceiling_below_theory", ceiling, bounds.least * cycles,
          fmt::format("what {} can do undisturbed", basis),
          "end other programs, let the device cool, and give it full power; in a virtual machine "
          "two of its CPUs may share one core");
    }
  }

  void Bandwidth(const Ceiling& ceiling) {
    const double channel = input_.transfers_per_s * kBytesPerTransfer;
    if (channel <= 0 || input_.memory_modules <= 0) return;
    const double all = channel * input_.memory_modules;
    if (ceiling.value > kAbove * all) {
      Add("ceiling_above_theory", ceiling, all,
          fmt::format("what {} memory modules can transfer", input_.memory_modules),
          "a cache larger than the system describes may hold the buffer, or the firmware tells a "
          "lower speed than is set: report it with the result");
    }
    if (ceiling.value < kBelowChannel * channel) {
      Add("ceiling_below_theory", ceiling, channel, "what one memory channel transfers",
          "end other programs; use more threads where one cannot keep enough loads under way");
    }
  }

  void Add(const char* id, const Ceiling& ceiling, double theory, const std::string& what,
           const char* remedy) {
    doubts_.push_back(
        {id,
         fmt::format("{} of {} is {}, {:.0f} % of {} ({})", ceiling.metric, ceiling.device,
                     Billions(ceiling.value), 100 * ceiling.value / theory, what, Billions(theory)),
         remedy});
  }

  std::span<const Ceiling> ceilings_;
  const TheoryInput& input_;
  std::vector<Warning> doubts_;
};

}  // namespace

CycleBounds CycleBoundsOf(std::string_view metric, std::string_view device,
                          const TheoryInput& input) {
  const Form* form = FormOf(device);
  if (form == nullptr) return {};
  const CycleBounds ratio = RatioOf(metric, *form);
  const double lanes = form->width_bits / 32;
  const bool arm = form->width_bits == 128;
  // Every core has one pipe; the narrowest Arm cores do 128 bits in two halves.
  double most = arm ? 4 : 2, least = arm ? 0.5 : 0;
  if (const Design* design = DesignOf(input.microarchitecture); design != nullptr && !arm) {
    const bool wide = form->width_bits == 512;
    most = wide ? design->fma512_most : design->fma256_most;
    least = wide ? design->fma512_least : design->fma256_least;
  }
  return {2 * lanes * most * ratio.most, 2 * lanes * least * ratio.least};
}

std::vector<Warning> DoubtsOf(std::span<const Ceiling> ceilings, const TheoryInput& input) {
  return Doubter(ceilings, input).Run();
}

}  // namespace inferometer
