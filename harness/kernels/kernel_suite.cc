// Runs cases under Google Benchmark, with times, counters and errors of our own.
#include "harness/kernels/kernel_suite.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <memory>
#include <optional>
#include <set>

#include "harness/base/error.h"
#include "harness/base/text.h"
#include "harness/kernels/check_kernel.h"
#include "harness/kernels/ready_kernel.h"
#include "harness/runner/roof.h"

namespace inferometer {
namespace {

// A case on a device that passed its check.
struct Prepared {
  const Device* device = nullptr;
  const KernelCase* subject = nullptr;
  std::unique_ptr<CaseData> data;
  std::unique_ptr<ReadyKernel> kernel;  // null: `failure` or `unsupported` says why
  std::string failure, unsupported;
  double nmse = 0;
  std::optional<Bound> bound;  // of the op once; empty: it has no cost, or its roof is not known
  bool in_cache = false;       // so that the memory roof does not hold, and `bound` is empty
};

class Runner {
 public:
  explicit Runner(const KernelSuite& suite) : suite_(suite), reference_(OpenReference()) {}

  // Google Benchmark calls it several times for each benchmark, with more and more iterations.
  void Run(Device& device, const KernelCase& c, benchmark::State& state) {
    if (!prepared_ || prepared_->device != &device || prepared_->subject != &c) {
      Prepare(device, c);
    }
    Prepared& p = *prepared_;
    if (!p.kernel) {
      const std::string name = device.Info().id + c.name;
      (p.failure.empty() ? unsupported_ : failed_).insert(name);
      state.SkipWithError(p.failure.empty() ? ("unsupported: " + p.unsupported).c_str()
                                            : p.failure.c_str());
      return;
    }
    try {
      double total_s = 0;
      while (state.KeepRunningBatch(p.kernel->times())) {
        const double elapsed_s = p.kernel->Run();
        state.SetIterationTime(elapsed_s);
        total_s += elapsed_s;
      }
      Count(p, state, total_s / static_cast<double>(state.iterations()));
    } catch (const std::exception& error) {
      p.failure = error.what();
      p.kernel.reset();
      failed_.insert(device.Info().id + c.name);
      state.SkipWithError(p.failure.c_str());
    }
  }

  std::size_t failed() const { return failed_.size(); }
  std::size_t unsupported() const { return unsupported_.size(); }

 private:
  void Prepare(Device& device, const KernelCase& c) {
    prepared_.reset();  // its memory, before more is taken
    auto p = std::make_unique<Prepared>();
    p->device = &device;
    p->subject = &c;
    try {
      p->unsupported = device.WhyNot(c.op);
      if (p->unsupported.empty()) PrepareSupported(device, c, *p);
    } catch (const std::exception& error) {
      p->failure = error.what();
      p->kernel.reset();
    }
    prepared_ = std::move(p);
  }

  void PrepareSupported(Device& device, const KernelCase& c, Prepared& p) {
    p.data = std::make_unique<CaseData>(c);
    const KernelCheck check = CheckKernel(device, *reference_, c, *p.data);
    p.nmse = check.nmse;
    if (!check.Pass()) {
      p.failure = fmt::format("differs from the reference: NMSE {:.2e}, limit {:.2e}; not timed",
                              check.nmse, check.limit);
      return;
    }
    const CeilingOptions options = suite_.ceiling_options(device);
    const Roofs roofs = RoofsOf(device, options);
    p.kernel = std::make_unique<ReadyKernel>(
        device, c, *p.data, RotationBytes(options.last_level_bytes, options.memory_bytes));
    p.bound = BoundOf(p.kernel->work(), roofs);
    p.in_cache = p.bound && p.bound->bound == "memory" &&
                 p.kernel->working_set_bytes() <= static_cast<double>(options.last_level_bytes);
    if (p.in_cache) p.bound.reset();
  }

  // Those of this moment.
  Roofs RoofsOf(Device& device, const CeilingOptions& options) {
    if (roofs_device_ != &device) {
      ceilings_.reset();
      ceilings_ = std::make_unique<Ceilings>(device, options, false);
      roofs_device_ = &device;
    }
    const std::vector<Ceiling> measured = ceilings_->Measure(0, true);
    return BestRoofs(measured, device.Info().id);
  }

  // `each_s`: of the op once.
  static void Count(const Prepared& p, benchmark::State& state, double each_s) {
    const Work& work = p.kernel->work();
    std::string label = fmt::format("{} in turn", p.kernel->times());
    if (work.bytes > 0) {
      state.counters["bytes/s"] = work.bytes / each_s;
      label += fmt::format(", {}", HumanBytes(p.kernel->working_set_bytes()));
    }
    if (work.flops() > 0) state.counters["flop/s"] = work.flops() / each_s;
    if (p.bound) {
      state.counters["roofline"] = p.bound->least_s / each_s;
      label += ", " + p.bound->roof;
    } else if (p.in_cache) {
      label += ", from cache";
    }
    state.SetLabel(label + fmt::format(", NMSE {:.1e}", p.nmse));
  }

  const KernelSuite& suite_;
  std::unique_ptr<Device> reference_;
  std::unique_ptr<Prepared> prepared_;  // the last one: repetitions come one after the other
  std::unique_ptr<Ceilings> ceilings_;
  const Device* roofs_device_ = nullptr;
  std::set<std::string> failed_, unsupported_;
};

}  // namespace

KernelOutcome RunKernelSuite(const KernelSuite& suite, std::span<const std::string> flags) {
  CheckBenchmarkFlags(flags);
  Runner runner(suite);
  for (Device* device : suite.devices) {
    for (const KernelCase& c : suite.cases) {
      const std::string name = c.name + "/" + device->Info().id;
      benchmark::RegisterBenchmark(name.c_str(), [&runner, device, &c](benchmark::State& state) {
        runner.Run(*device, c, state);
      })->UseManualTime();
    }
  }
  for (const auto& [key, value] : suite.context) benchmark::AddCustomContext(key, value);
  std::vector<std::string> words = {"inferometer kernels"};
  words.insert(words.end(), flags.begin(), flags.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  int argc = static_cast<int>(words.size());
  benchmark::Initialize(&argc, argv.data());
  if (argc > 1) {
    const std::string word = argv[1];
    throw Error(ExitCode::kUsage,
                UnknownName("flag or value", word.substr(0, word.find('=')), BenchmarkFlagNames()));
  }
  KernelOutcome outcome;
  outcome.selected = benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  benchmark::ClearRegisteredBenchmarks();
  outcome.failed = runner.failed();
  outcome.unsupported = runner.unsupported();
  return outcome;
}

}  // namespace inferometer
