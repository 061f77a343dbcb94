// Measures bandwidths, peaks and latencies through the same Plan::Run as every workload.
#include "harness/workloads/ceilings.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "harness/workloads/gpu_ceilings.h"
#include "models/cost.h"

namespace inferometer {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;
constexpr std::int64_t kBarriers = 1000;
// A third of a millisecond at 3 GHz: far above a timer's step, and so short that some runs end
// before another program gets in.
constexpr std::int64_t kAdds = std::int64_t{1} << 20;
// One run of a peak should last this long: far above the timer's step and the cost of a launch.
constexpr double kComputeRun_s = 0.02;
// Ways to stream are compared in turn, so that drift does not land on one of them.
constexpr int kReadRounds = 3, kWriteRounds = 2;

double BytesOf(const MemoryProbe& op) { return CostOf(Op(op), {}).bytes; }

}  // namespace

std::uint64_t ProbeBytes(const CeilingOptions& options) {
  std::uint64_t bytes = std::max(256 * kMiB, 4 * options.last_level_bytes);
  if (options.memory_bytes > 0) bytes = std::min(bytes, options.memory_bytes / 8);
  return std::max(bytes / kMiB, std::uint64_t{1}) * kMiB;
}

Ceilings::Ceilings(Device& device, const CeilingOptions& options, bool full)
    : device_(device), options_(options), full_(full) {
  ChooseRead();
  AddCompute(roofs_, "fp32_peak", NumberType::kFp32, false);
  AddCompute(roofs_, "int8_peak", NumberType::kInt8, false);
  // What a device multiplies as such bounds its work: bf16 weights, or small matrices.
  const auto add = [this, &device, full](const char* metric, NumberType type, bool matrix) {
    const bool has = device.WhyNot(ComputeProbe{.type = type, .matrix = matrix}).empty();
    if (has || full) AddCompute(has ? roofs_ : others_, metric, type, matrix);
  };
  add("bf16_peak", NumberType::kBf16, false);
  add("bf16_matrix_peak", NumberType::kBf16, true);
  add("int8_matrix_peak", NumberType::kInt8, true);
  add("fp16_matrix_peak", NumberType::kFp16, true);
  if (IsCpu()) {
    Add(roofs_, "barrier_latency", LaunchProbe{.count = kBarriers}, static_cast<double>(kBarriers));
  } else {
    Add(roofs_, "launch_latency", LaunchProbe{.count = 1}, 1, ClockOf::kHost);
  }
  if (!full) return;
  AddCompute(others_, "fp16_peak", NumberType::kFp16, false);
  Add(others_, "core_clock", ClockProbe{.adds = kAdds}, static_cast<double>(kAdds));
}

std::int64_t Ceilings::StreamBytes() const {
  return StreamedBytes(ProbeBytes(options_), device_.Info().threads);
}

nlohmann::json Ceilings::ParamsOf(const MemoryProbe& op) const {
  nlohmann::json params = {{"bytes", op.bytes}, {"streams", op.streams}};
  const std::uint64_t page = op.small_pages ? options_.small_page_bytes : options_.page_bytes;
  if (page > 0) params["page_bytes"] = page;
  if (op.pattern != MemoryPattern::kRead) {
    params["stores"] = op.past_caches ? "past the caches" : "ordinary";
  }
  return params;
}

// The ways that the device has to run `op`: with 1 to 8 streams and each kind of stores. Each is
// run `rounds` times, in turn. Empty when it has none.
std::vector<Ceilings::Way> Ceilings::Compare(const MemoryProbe& op, int rounds) {
  std::vector<Way> ways;
  for (const bool past : {false, true}) {
    if (past && op.pattern == MemoryPattern::kRead) continue;
    for (const std::int64_t streams : {1, 2, 4, 8}) {
      Way way{.op = op, .plan = nullptr, .times_s = {}};
      way.op.streams = streams;
      way.op.past_caches = past;
      const Op candidate = way.op;
      if (!device_.WhyNot(candidate).empty()) continue;
      way.plan = device_.Prepare({&candidate, 1});
      ways.push_back(std::move(way));
    }
  }
  for (int round = 0; round < rounds; ++round) {
    for (Way& way : ways) {
      const double elapsed_s = SecondsOf(way.plan->Run({}));
      if (elapsed_s > 0) way.times_s.push_back(elapsed_s);
    }
  }
  return ways;
}

namespace {

template <typename Way>
bool IsFaster(const Way& a, const Way& b) {
  if (a.times_s.empty() || b.times_s.empty()) return !a.times_s.empty();
  return *std::min_element(a.times_s.begin(), a.times_s.end()) <
         *std::min_element(b.times_s.begin(), b.times_s.end());
}

}  // namespace

void Ceilings::ChooseRead() {
  const MemoryProbe read{.bytes = StreamBytes()};
  if (const std::string reason = device_.WhyNot(read); !reason.empty()) {
    unsupported_.push_back("read_bandwidth: " + reason);
    return;
  }
  const auto bytes = static_cast<std::uint64_t>(read.bytes);
  std::optional<Way> best;
  const auto consider = [&](bool small_pages) {
    ProbeBuffer buffer(device_, bytes,
                       small_pages ? TensorRole::kSmallPageBuffer : TensorRole::kBuffer);
    MemoryProbe op = read;
    op.a = buffer.id();
    op.small_pages = small_pages;
    std::vector<Way> ways = Compare(op, kReadRounds);
    if (ways.empty()) return;
    // One stream, and small pages where there are two sizes: a program that takes no care. A
    // device that has one way alone has no plain one.
    if (ways.size() > 1) plain_ = Way{ways[0].op, nullptr, ways[0].times_s};
    const auto fastest = std::min_element(ways.begin(), ways.end(), IsFaster<Way>);
    if (best && !IsFaster(*fastest, *best)) return;
    best = std::move(*fastest);
    if (buffer_) {
      std::swap(*buffer_, buffer);
    } else {
      buffer_ = std::move(buffer);
    }
  };
  consider(false);
  MemoryProbe small = read;
  small.small_pages = true;
  const bool two_sizes = options_.small_page_bytes != options_.page_bytes;
  if (two_sizes && device_.WhyNot(small).empty()) consider(true);
  if (!best) return;
  roofs_.push_back(
      {"read_bandwidth", std::move(best->plan), BytesOf(best->op), ParamsOf(best->op)});
}

void Ceilings::Add(std::vector<Probe>& list, const std::string& metric, const Op& op, double units,
                   ClockOf clock) {
  if (const std::string reason = device_.WhyNot(op); !reason.empty()) {
    unsupported_.push_back(metric + ": " + reason);
    return;
  }
  list.push_back({metric, device_.Prepare({&op, 1}), units, nlohmann::json::object(), clock});
}

void Ceilings::AddCompute(std::vector<Probe>& list, const std::string& metric, NumberType type,
                          bool matrix) {
  ComputeProbe probe{.type = type, .operations = std::int64_t{1} << 24, .matrix = matrix};
  if (!device_.WhyNot(probe).empty()) return Add(list, metric, probe, 0);
  // Grown until a run lasts long enough, from one that is over in about a millisecond. The shortest
  // of some counts: one that another program interrupted looks long enough.
  constexpr int kTries = 4;
  constexpr std::int64_t kMostOperations = std::int64_t{1} << 42;
  for (;;) {
    const Op op = probe;
    const std::unique_ptr<Plan> plan = device_.Prepare({&op, 1});
    double elapsed_s = SecondsOf(plan->Run({}));
    for (int i = 1; i < kTries; ++i) elapsed_s = std::min(elapsed_s, SecondsOf(plan->Run({})));
    if (elapsed_s >= kComputeRun_s / 2 || probe.operations >= kMostOperations) break;
    const double growth = std::clamp(kComputeRun_s / std::max(elapsed_s, 1e-9), 2.0, 64.0);
    probe.operations = std::min(
        kMostOperations, static_cast<std::int64_t>(static_cast<double>(probe.operations) * growth));
  }
  Add(list, metric, probe, static_cast<double>(probe.operations));
}

void Ceilings::MeasureWriting(double at_s, std::vector<Ceiling>& ceilings) {
  struct Kind {
    const char* metric;
    MemoryPattern pattern;
  };
  constexpr Kind kKinds[] = {{"copy_bandwidth", MemoryPattern::kCopy},
                             {"triad_bandwidth", MemoryPattern::kTriad}};
  std::vector<ProbeBuffer> buffers;
  for (const Kind& kind : kKinds) {
    MemoryProbe op{.pattern = kind.pattern, .bytes = StreamBytes()};
    if (const std::string reason = device_.WhyNot(op); !reason.empty()) {
      unsupported_.push_back(std::string(kind.metric) + ": " + reason);
      continue;
    }
    while (buffers.size() < (kind.pattern == MemoryPattern::kCopy ? 2U : 3U)) {
      buffers.emplace_back(device_, static_cast<std::uint64_t>(op.bytes), TensorRole::kBuffer);
    }
    op.a = buffers[0].id(), op.b = buffers[1].id();
    if (kind.pattern == MemoryPattern::kTriad) op.c = buffers[2].id();
    const std::vector<Way> ways = Compare(op, kWriteRounds);
    const auto best = std::min_element(ways.begin(), ways.end(), IsFaster<Way>);
    const std::vector<double> times_s = TimesOf(*best->plan, options_.each_s, options_.now);
    ceilings.push_back(CeilingOf(kind.metric, device_.Info(), BytesOf(best->op), times_s, at_s));
    ceilings.back().params = ParamsOf(best->op);
  }
}

std::vector<Ceiling> Ceilings::Measure(double at_s, bool roofs_only) {
  std::vector<Ceiling> ceilings;
  const auto measure = [&](const std::vector<Probe>& probes) {
    for (const Probe& probe : probes) {
      const std::vector<double> times_s =
          TimesOf(*probe.plan, options_.each_s, options_.now, probe.clock);
      ceilings.push_back(CeilingOf(probe.metric, device_.Info(), probe.units, times_s, at_s));
      ceilings.back().params = probe.params;
    }
  };
  measure(roofs_);
  if (plain_) {
    ceilings.push_back(CeilingOf("read_bandwidth_plain", device_.Info(), BytesOf(plain_->op),
                                 plain_->times_s, at_s));
    ceilings.back().params = ParamsOf(plain_->op);
    plain_.reset();
  }
  if (!roofs_only && full_) {
    measure(others_);
    MeasureWriting(at_s, ceilings);
    if (!IsCpu()) {
      std::ranges::move(MeasureGpuCeilings(device_, options_, at_s, unsupported_),
                        std::back_inserter(ceilings));
    }
  }
  std::erase_if(ceilings, [](const Ceiling& ceiling) { return ceiling.samples.empty(); });
  return ceilings;
}

}  // namespace inferometer
