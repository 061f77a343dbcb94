// Conformance, measuring and rows of one model.
#include "harness/runner/run_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "harness/base/error.h"
#include "harness/base/random.h"
#include "harness/runner/bench.h"
#include "harness/runner/energy_rows.h"
#include "harness/runner/footprint_rows.h"
#include "harness/runner/measure.h"
#include "harness/runner/model_file.h"
#include "harness/runner/profile.h"
#include "harness/runner/rows.h"
#include "harness/runner/session.h"
#include "harness/runner/sessions.h"
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
  ModelRun(RunState& state, const Model& model, const std::vector<SelectedCase>& cases)
      : state_(state), model_(&model), cases_(cases), sessions_(PlanSessions(cases)) {
    name_ = fmt::format("{} {}", model.name, model.quant);
  }

  void Go(double deadline_s) {
    Say("upload", name_);
    MakeFile();
    sha256_ = HashModel(*model_);
    MakePrompt();
    OpenBenches();
    if (!state_.stop()) Check();
    MeasureCeilings(state_, false);
    const std::vector<ArmSpec> specs = MakeArms();
    const double reserve_s = state_.ceilings_take_s;
    deadline_s_ = deadline_s - reserve_s;
    const double room_s = deadline_s - reserve_s - state_.now();
    ScheduleOptions options{.seed = state_.seed,
                            .deadline_s = deadline_s - reserve_s,
                            .fewest = std::min(state_.fewest_repetitions, state_.most_repetitions),
                            .most = state_.most_repetitions};
    options.warmup_most = std::min(options.warmup_most, options.most);
    if (!specs.empty()) {
      options.warmup_limit_s = std::min(kLongestWarmup_s, kWarmupShare * std::max(0.0, room_s) /
                                                              static_cast<double>(specs.size()));
    }
    Schedule schedule(specs, options);
    schedule_ = &schedule;
    ceilings_every_s_ = std::clamp(room_s / 5, 4.0, 30.0);
    LoopHooks hooks;
    hooks.rows = [this](std::size_t arm) {
      const SelectedCase& c = cases_[places_[arm].selected];
      return c.workload->rows(c.point);
    };
    hooks.now = state_.now;
    hooks.stop = state_.stop;
    hooks.execute = [this](std::size_t arm) { return Execute(arm); };
    hooks.before = [this, &schedule](std::size_t arm, Role role) { Before(schedule, arm, role); };
    const LoopResult loop = Measure(schedule, hooks);
    state_.stopped = state_.stopped || loop.stopped;
    if (!loop.order.empty()) MeasureCeilings(state_, false);
    for (const std::size_t arm : loop.order) state_.order.push_back(specs[arm].name);
    AddRows(schedule, loop);
    for (Bench& bench : benches_) {
      if (!state_.profile || state_.stop()) continue;
      Say("profile", fmt::format("{} on {}", name_, bench.chosen->device->Info().id));
      for (Profile& profile : ProfileModel(bench, *model_)) {
        state_.result->profiles.push_back(std::move(profile));
      }
    }
  }

 private:
  void Say(const std::string& phase, const std::string& what) {
    state_.progress(ProgressOf(state_, phase, what));
  }

  // A file for the workloads that start from one, when there is none yet.
  void MakeFile() {
    file_ = model_->path;
    const bool needed = std::any_of(cases_.begin(), cases_.end(),
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
    std::int64_t positions = 0;
    for (const PlanLimits& limits : sessions_.sessions) {
      positions = std::max(positions, limits.positions);
    }
    for (const SelectedCase& c : cases_) positions = std::max(positions, PositionsOf(c));
    Random random(state_.seed);
    for (std::int64_t i = 0; i < positions; ++i) {
      prompt_.push_back(
          static_cast<std::int32_t>(random.Below(static_cast<std::uint64_t>(model_->shape.vocab))));
    }
  }

  void OpenBenches() {
    for (ChosenDevice& chosen : *state_.devices) {
      Say("upload", fmt::format("{} to {}", name_, chosen.device->Info().id));
      benches_.push_back(OpenBench(chosen, *model_, sessions_.sessions));
    }
  }

  void Check() {
    ModelOracle oracle(*model_);
    for (Bench& bench : benches_) {
      Say("conformance", fmt::format("{} on {}", name_, bench.chosen->device->Info().id));
      CheckConformance(bench, oracle, std::span(prompt_).first(kConformancePrompt),
                       kConformanceGreedy);
    }
  }

  // Why a case cannot be measured on a bench, as rows; empty when it can be.
  std::vector<Record> RowsWithoutArm(const Bench& bench, std::size_t i, const Record& row) const {
    const SelectedCase& c = cases_[i];
    if (!c.why_not.empty()) return RowsWithout(row, c, Status::kSkipped, c.why_not);
    for (const std::size_t session : sessions_.of_case[i]) {
      const Stand& stand = bench.stands[session];
      if (!stand.unsupported.empty()) {
        return RowsWithout(row, c, Status::kUnsupported, stand.unsupported);
      }
      if (!stand.failure.empty()) return RowsWithout(row, c, Status::kFailed, stand.failure);
      if (!stand.conformance) {
        return RowsWithout(row, c, Status::kSkipped, "the run ended before the conformance check");
      }
    }
    if (!c.workload->needs_file || !file_.empty()) return {};
    return RowsWithout(row, c, Status::kSkipped, "there is no model file: " + no_file_);
  }

  // What the first repetition of a case takes longer: filling the cache beyond `filled`.
  double FillSeconds(const Bench& bench, std::size_t i, std::vector<std::int64_t>& filled) const {
    const SelectedCase& c = cases_[i];
    if (!c.workload->depth) return 0;
    double fill_s = 0;
    const std::int64_t depth = c.workload->depth(c.point);
    for (const std::size_t session : sessions_.of_case[i]) {
      const std::int64_t more = depth - filled[session];
      if (more <= 0) continue;
      fill_s += bench.chosen->speed.SecondsFor(WorkOfPrompt(
          bench.stands[session].session->plan().ops, more, filled[session], kFillTokens));
      filled[session] = depth;
    }
    return fill_s;
  }

  std::vector<ArmSpec> MakeArms() {
    std::vector<ArmSpec> specs;
    for (std::size_t b = 0; b < benches_.size(); ++b) {
      const Bench& bench = benches_[b];
      std::vector<std::int64_t> filled(bench.stands.size(), 0);
      for (std::size_t i = 0; i < cases_.size(); ++i) {
        if (!RowsWithoutArm(bench, i, {}).empty()) continue;
        const SelectedCase& c = cases_[i];
        ArmSpec spec;
        spec.name = Describe(c) + " on " + bench.chosen->device->Info().id;
        for (const RowKey& key : c.workload->rows(c.point)) {
          const Metric* metric = FindMetric(key.metric);
          spec.metrics.push_back(
              {key.metric, metric ? metric->ci_target : 0.0, metric ? metric->ci_least : 0.0});
        }
        const Session& session = *bench.stands[sessions_.of_case[i].front()].session;
        spec.estimate_s = bench.chosen->speed.SecondsFor(c.workload->work(c.point, session.plan()));
        spec.first_s = FillSeconds(bench, i, filled);
        if (c.workload->lasts) spec.estimate_s = spec.lasts_s = c.workload->lasts(c.point);
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
    const std::size_t selected = places_[arm].selected;
    const SelectedCase& c = cases_[selected];
    Subject subject;
    subject.model = model_;
    subject.prompt = prompt_;
    subject.now = state_.now;
    for (const std::size_t session : sessions_.of_case[selected]) {
      Stand& stand = bench.stands[session];
      if (!c.workload->own_session) {
        subject.sessions.push_back({stand.session.get(), &stand.cache});
      }
    }
    subject.open_device = bench.chosen->open_another;
    subject.file = file_;
    subject.synthetic_file = temporary_.has_value();
    subject.stop = state_.stop;
    const double begin_s = state_.now(), left_s = schedule_->Eta(begin_s);
    subject.tell = [this, arm, begin_s, left_s](double value) {
      Progress progress = ProgressOfArm(*schedule_, arm, Role::kSample);
      progress.median = value;
      progress.eta_s = std::max(0.0, left_s - (state_.now() - begin_s));
      state_.progress(progress);
    };
    if (state_.energy) state_.energy->Mark();
    Repetition repetition = c.workload->run(subject, c.point);
    if (state_.energy) state_.energy->Mark();
    return repetition;
  }

  void Before(const Schedule& schedule, std::size_t arm, Role role) {
    if (state_.now() - state_.ceilings_at_s > ceilings_every_s_) MeasureCeilings(state_, false);
    if (state_.settle) {
      state_.settle(places_[arm].bench, deadline_s_ - schedule.arms()[arm].last_s - state_.now());
    }
    Progress progress = ProgressOfArm(schedule, arm, role);
    progress.eta_s = schedule.Eta(state_.now());
    state_.progress(progress);
  }

  Progress ProgressOfArm(const Schedule& schedule, std::size_t arm, Role role) const {
    const Arm& a = schedule.arms()[arm];
    Progress progress =
        ProgressOf(state_, role == Role::kSample ? "measure" : "warm-up", a.spec.name);
    progress.done = static_cast<int>(schedule.finished());
    progress.total = static_cast<int>(schedule.arms().size());
    progress.repetition = static_cast<int>(a.repetitions()) + 1;
    const Metric* metric = FindMetric(a.spec.metrics.front().name);
    if (metric) progress.unit = metric->unit;
    if (a.repetitions() > 0) progress.median = Median(a.samples.front());
    return progress;
  }

  void AddRows(const Schedule& schedule, const LoopResult& loop) {
    for (std::size_t b = 0; b < benches_.size(); ++b) {
      const Bench& bench = benches_[b];
      for (std::size_t i = 0; i < cases_.size(); ++i) {
        const SelectedCase& c = cases_[i];
        Record row = RowFor(bench.chosen->device->Info(), bench.chosen->requested, *model_, c);
        row.model->sha256 = sha256_;
        row.conformance = bench.stands[sessions_.of_case[i].front()].conformance;
        for (Record& r : RowsOfCase(schedule, loop, b, i, row)) {
          state_.result->records.push_back(std::move(r));
        }
      }
      AddEnergyRows(schedule, loop, b);
      AddFootprint(bench);
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

  // Where the model runs at all.
  void AddFootprint(const Bench& bench) {
    const auto stand = std::find_if(bench.stands.begin(), bench.stands.end(), [](const Stand& s) {
      return s.conformance && s.conformance->pass;
    });
    if (stand == bench.stands.end() || cases_.empty()) return;
    Record row =
        RowFor(bench.chosen->device->Info(), bench.chosen->requested, *model_, cases_.front());
    row.model->sha256 = sha256_;
    row.conformance = stand->conformance;
    for (Record& r : FootprintRows(row, *model_, stand->session->Dispatches())) {
      state_.result->records.push_back(std::move(r));
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
      const std::size_t selected = places_[arm].selected;
      Record row = RowFor(info, bench.chosen->requested, *model_, cases_[selected]);
      row.model->sha256 = sha256_;
      row.conformance = bench.stands[sessions_.of_case[selected].front()].conformance;
      row.warmup_stop = schedule.arms()[arm].warmup_stop;
      state_.result->records.push_back(of.at ? EnergyRow(std::move(row), log, of, between)
                                             : NoEnergyRow(std::move(row), of));
      if (!of.at) return;
    }
  }

  std::vector<Record> RowsOfCase(const Schedule& schedule, const LoopResult& loop, std::size_t b,
                                 std::size_t i, const Record& row) const {
    std::vector<Record> without = RowsWithoutArm(benches_[b], i, row);
    if (!without.empty()) return without;
    for (std::size_t arm = 0; arm < places_.size(); ++arm) {
      if (places_[arm].bench != b || places_[arm].selected != i) continue;
      const RoofContext roofs{state_.result->ceilings, state_.last_level_bytes};
      return RowsOf(row, cases_[i], loop.logs[arm], schedule.arms()[arm], roofs);
    }
    throw Error(ExitCode::kRunFailed, fmt::format("{} was given no arm", Describe(cases_[i])));
  }

  RunState& state_;
  const Model* model_;
  const std::vector<SelectedCase>& cases_;
  const SessionPlan sessions_;
  std::optional<TemporaryModelFile> temporary_;
  std::optional<Model> from_file_;
  std::string name_, file_, no_file_, sha256_;
  std::vector<std::int32_t> prompt_;
  std::vector<Bench> benches_;
  std::vector<ArmPlace> places_;        // by arm
  const Schedule* schedule_ = nullptr;  // while it is measured
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

void RunModel(RunState& state, const Model& model, const std::vector<SelectedCase>& cases,
              double deadline_s) {
  ModelRun(state, model, cases).Go(deadline_s);
}

}  // namespace inferometer
