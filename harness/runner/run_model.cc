// Conformance, measuring and rows of one model.
#include "harness/runner/run_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "harness/base/random.h"
#include "harness/runner/conformance.h"
#include "harness/runner/energy_rows.h"
#include "harness/runner/measure.h"
#include "harness/runner/model_file.h"
#include "harness/runner/rows.h"
#include "harness/runner/session.h"
#include "harness/stats/median.h"
#include "results/metrics.h"

namespace inferometer {
namespace {

// Tokens of the conformance check. The reference is slow, so a run takes fewer than `verify` does.
constexpr std::size_t kConformancePrompt = 8;
constexpr int kConformanceGreedy = 8;
// Of the time that an arm gets on average, at most this share is warm-up.
constexpr double kWarmupShare = 0.15;
constexpr double kLongestWarmup_s = 10;

// A device with the model on it.
struct Bench {
  ChosenDevice* chosen = nullptr;
  std::unique_ptr<Session> session;
  PromptCache cache;
  std::optional<Conformance> conformance;
  std::string failure, unsupported;  // not empty: nothing can be measured, and why
};

Progress ProgressOf(const RunState& state, const std::string& phase, const std::string& what) {
  Progress progress;
  progress.phase = phase;
  progress.what = what;
  progress.elapsed_s = state.now();
  return progress;
}

struct ArmPlace {
  std::size_t bench, selected;
};

class ModelRun {
 public:
  ModelRun(RunState& state, const Model& model) : state_(state), model_(&model) {
    name_ = fmt::format("{} {}", model.name, model.quant);
  }

  void Go(double deadline_s) {
    Say("upload", name_);
    MakeFile();
    sha256_ = HashModel(*model_);
    MakePrompt();
    OpenBenches();
    if (!state_.stop()) CheckConformance();
    MeasureCeilings(state_, false);
    const std::vector<ArmSpec> specs = MakeArms();
    const double reserve_s = state_.ceilings_take_s;
    deadline_s_ = deadline_s - reserve_s;
    const double room_s = deadline_s - reserve_s - state_.now();
    ScheduleOptions options{.seed = state_.seed, .deadline_s = deadline_s - reserve_s};
    if (!specs.empty()) {
      options.warmup_limit_s = std::min(kLongestWarmup_s, kWarmupShare * std::max(0.0, room_s) /
                                                              static_cast<double>(specs.size()));
    }
    Schedule schedule(specs, options);
    ceilings_every_s_ = std::clamp(room_s / 5, 4.0, 30.0);
    LoopHooks hooks;
    hooks.now = state_.now;
    hooks.stop = state_.stop;
    hooks.execute = [this](std::size_t arm) { return Execute(arm); };
    hooks.before = [this, &schedule](std::size_t arm, Role role) { Before(schedule, arm, role); };
    const LoopResult loop = Measure(schedule, hooks);
    state_.stopped = state_.stopped || loop.stopped;
    if (!loop.order.empty()) MeasureCeilings(state_, false);
    for (const std::size_t arm : loop.order) state_.order.push_back(specs[arm].name);
    AddRows(schedule, loop);
  }

 private:
  const SelectedCase& Selected(std::size_t i) const { return state_.selection->cases[i]; }

  void Say(const std::string& phase, const std::string& what) {
    state_.progress(ProgressOf(state_, phase, what));
  }

  // A file for the workloads that start from one, when there is none yet.
  void MakeFile() {
    file_ = model_->path;
    const auto& cases = state_.selection->cases;
    const bool needed = std::any_of(cases.begin(), cases.end(),
                                    [](const SelectedCase& c) { return c.workload->needs_file; });
    if (!needed || !file_.empty()) return;
    try {
      temporary_.emplace(*model_);
      Model from_file = OpenModel(temporary_->path());
      from_file.name = model_->name;
      from_file.quant = model_->quant;
      from_file_ = std::move(from_file);
      model_ = &*from_file_;
      file_ = temporary_->path();
    } catch (const std::exception& error) {
      no_file_ = error.what();
    }
  }

  // Token ids from the seed, enough for every case.
  void MakePrompt() {
    std::int64_t positions = CommonLimits(state_.selection->cases).positions;
    for (const SelectedCase& c : state_.selection->cases) {
      positions = std::max(positions, c.workload->limits(c.point).positions);
    }
    Random random(state_.seed);
    for (std::int64_t i = 0; i < positions; ++i) {
      prompt_.push_back(
          static_cast<std::int32_t>(random.Below(static_cast<std::uint64_t>(model_->shape.vocab))));
    }
  }

  void OpenBenches() {
    const PlanLimits limits = CommonLimits(state_.selection->cases);
    for (ChosenDevice& chosen : *state_.devices) {
      Bench bench;
      bench.chosen = &chosen;
      Say("upload", fmt::format("{} to {}", name_, chosen.device->Info().id));
      try {
        for (const Op& op : BuildPlan(*model_, limits).ops) {
          bench.unsupported = chosen.device->WhyNot(op);
          if (bench.unsupported.empty()) continue;
          bench.unsupported = fmt::format("{}: {}", NameOf(op), bench.unsupported);
          break;
        }
        if (bench.unsupported.empty()) {
          bench.session = std::make_unique<Session>(*chosen.device, *model_, limits);
        }
      } catch (const std::exception& error) {
        bench.failure = error.what();
      }
      benches_.push_back(std::move(bench));
    }
  }

  void CheckConformance() {
    ModelOracle oracle(*model_);
    for (Bench& bench : benches_) {
      if (!bench.session) continue;
      Say("conformance", fmt::format("{} on {}", name_, bench.chosen->device->Info().id));
      try {
        const ModelResult verified =
            VerifySession(*bench.session, oracle, std::span(prompt_).first(kConformancePrompt),
                          kConformanceGreedy);
        bench.conformance = verified.conformance;
        if (!verified.conformance.pass) {
          bench.failure = "conformance failed: " + verified.why_failed;
        }
      } catch (const std::exception& error) {
        bench.failure = fmt::format("the conformance check failed: {}", error.what());
      }
    }
  }

  std::vector<ArmSpec> MakeArms() {
    std::vector<ArmSpec> specs;
    for (std::size_t b = 0; b < benches_.size(); ++b) {
      const Bench& bench = benches_[b];
      if (!bench.session || !bench.failure.empty() || !bench.conformance) continue;
      for (std::size_t i = 0; i < state_.selection->cases.size(); ++i) {
        const SelectedCase& c = Selected(i);
        if (c.workload->needs_file && file_.empty()) continue;
        ArmSpec spec;
        spec.name = Describe(c) + " on " + bench.chosen->device->Info().id;
        for (const std::string_view name : c.workload->metrics(c.point)) {
          const Metric* metric = FindMetric(name);
          spec.metrics.push_back({std::string(name), metric ? metric->ci_target : 0.0});
        }
        spec.estimate_s =
            bench.chosen->speed.SecondsFor(c.workload->work(c.point, bench.session->plan()));
        specs.push_back(std::move(spec));
        places_.push_back({b, i});
      }
    }
    return specs;
  }

  // "decode llama-3.2-1b q4_k_m, depth 2048".
  std::string Describe(const SelectedCase& c) const {
    std::string text = fmt::format("{} {}", c.workload->name, name_);
    std::string separator = ", ";
    for (const auto& [key, value] : c.point.params.items()) {
      text += separator + key + " " + (value.is_string() ? value.get<std::string>() : value.dump());
    }
    return text;
  }

  Repetition Execute(std::size_t arm) {
    Bench& bench = benches_[places_[arm].bench];
    const SelectedCase& c = Selected(places_[arm].selected);
    Subject subject;
    subject.model = model_;
    subject.prompt = prompt_;
    subject.now = state_.now;
    if (!c.workload->own_session) subject.session = bench.session.get();
    subject.cache = &bench.cache;
    subject.open_device = bench.chosen->open_another;
    subject.file = file_;
    subject.synthetic_file = temporary_.has_value();
    if (state_.energy) state_.energy->Mark();
    Repetition repetition = c.workload->run(subject, c.point);
    if (state_.energy) state_.energy->Mark();
    return repetition;
  }

  void Before(const Schedule& schedule, std::size_t arm, Role role) {
    if (state_.now() - state_.ceilings_at_s > ceilings_every_s_) MeasureCeilings(state_, false);
    const Arm& a = schedule.arms()[arm];
    if (state_.settle) state_.settle(places_[arm].bench, deadline_s_ - a.last_s - state_.now());
    Progress progress =
        ProgressOf(state_, role == Role::kSample ? "measure" : "warm-up", a.spec.name);
    progress.done = static_cast<int>(schedule.finished());
    progress.total = static_cast<int>(schedule.arms().size());
    progress.repetition = static_cast<int>(a.repetitions()) + 1;
    if (a.repetitions() > 0) {
      progress.median = Median(a.samples.front());
      const Metric* metric = FindMetric(a.spec.metrics.front().name);
      if (metric) progress.unit = metric->unit;
    }
    progress.eta_s = schedule.Eta(state_.now());
    state_.progress(progress);
  }

  void AddRows(const Schedule& schedule, const LoopResult& loop) {
    for (std::size_t b = 0; b < benches_.size(); ++b) {
      const Bench& bench = benches_[b];
      for (std::size_t i = 0; i < state_.selection->cases.size(); ++i) {
        const SelectedCase& c = Selected(i);
        Record row = RowFor(bench.chosen->device->Info(), bench.chosen->requested, *model_, c);
        row.model->sha256 = sha256_;
        row.conformance = bench.conformance;
        for (Record& r : RowsOfCase(schedule, loop, b, i, row)) {
          state_.result->records.push_back(std::move(r));
        }
      }
      AddEnergyRows(schedule, loop, b);
    }
    for (const ArmLog& log : loop.logs) {
      if (log.samples.empty() && log.failure.empty() && log.unsupported.empty()) {
        state_.cut_short = true;
      }
      for (const TimedRepetition& sample : log.samples) {
        const double elapsed_s = sample.end_s - sample.start_s;
        if (state_.shortest_s == 0 || elapsed_s < state_.shortest_s) state_.shortest_s = elapsed_s;
      }
    }
  }

  // One row for each case with a window, or one in all where nothing counts joules.
  void AddEnergyRows(const Schedule& schedule, const LoopResult& loop, std::size_t b) {
    if (!state_.energy) return;
    const Bench& bench = benches_[b];
    const DeviceInfo& info = bench.chosen->device->Info();
    const EnergyOfDevice& of = state_.energy->Of(info.id);
    const auto between = [&](double begin_s, double end_s) {
      return state_.energy->Between(info.id, begin_s, end_s);
    };
    for (std::size_t arm = 0; arm < places_.size(); ++arm) {
      const ArmLog& log = loop.logs[arm];
      if (places_[arm].bench != b || !log.failure.empty() || !HasWindow(log)) continue;
      Record row = RowFor(info, bench.chosen->requested, *model_, Selected(places_[arm].selected));
      row.model->sha256 = sha256_;
      row.conformance = bench.conformance;
      row.warmup_stop = schedule.arms()[arm].warmup_stop;
      state_.result->records.push_back(of.at ? EnergyRow(std::move(row), log, of, between)
                                             : NoEnergyRow(std::move(row), of));
      if (!of.at) return;
    }
  }

  std::vector<Record> RowsOfCase(const Schedule& schedule, const LoopResult& loop, std::size_t b,
                                 std::size_t i, const Record& row) const {
    const Bench& bench = benches_[b];
    const SelectedCase& c = Selected(i);
    if (!bench.unsupported.empty()) {
      return RowsWithout(row, c, Status::kUnsupported, bench.unsupported);
    }
    if (!bench.failure.empty()) return RowsWithout(row, c, Status::kFailed, bench.failure);
    for (std::size_t arm = 0; arm < places_.size(); ++arm) {
      if (places_[arm].bench != b || places_[arm].selected != i) continue;
      const RoofContext roofs{state_.result->ceilings, state_.last_level_bytes};
      return RowsOf(row, c, loop.logs[arm], schedule.arms()[arm], roofs);
    }
    return RowsWithout(row, c, Status::kSkipped,
                       bench.conformance ? "there is no model file: " + no_file_
                                         : "the run ended before the conformance check");
  }

  RunState& state_;
  const Model* model_;
  std::optional<TemporaryModelFile> temporary_;
  std::optional<Model> from_file_;
  std::string name_, file_, no_file_, sha256_;
  std::vector<std::int32_t> prompt_;
  std::vector<Bench> benches_;
  std::vector<ArmPlace> places_;  // by arm
  double ceilings_every_s_ = 10, deadline_s_ = 0;
};

}  // namespace

void MeasureCeilings(RunState& state, bool full) {
  const double start_s = state.now();
  for (std::size_t i = 0; i < state.ceilings.size(); ++i) {
    if (!state.ceilings[i] || state.stop()) continue;
    state.progress(ProgressOf(state, "ceilings", (*state.devices)[i].device->Info().id));
    for (Ceiling& ceiling : state.ceilings[i]->Measure(state.now(), !full)) {
      state.result->ceilings.push_back(std::move(ceiling));
    }
  }
  state.ceilings_at_s = state.now();
  state.ceilings_take_s = state.ceilings_at_s - start_s;
}

void RunModel(RunState& state, const Model& model, double deadline_s) {
  ModelRun(state, model).Go(deadline_s);
}

}  // namespace inferometer
