// Makes a plan ready and runs it.
#include "backends/opencl/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include "harness/base/clock.h"

namespace inferometer::opencl {
namespace {

constexpr std::size_t kClasses = std::size(kRowClasses) + 1;

std::int64_t MostOf(std::size_t row_class) {
  return row_class < std::size(kRowClasses) ? kRowClasses[row_class] : kManyRows;
}

std::int64_t RoomOf(std::int64_t limit, std::int64_t otherwise) {
  return limit == StepLimits::kNone ? otherwise : limit;
}

// Events that are released at the end.
class Events {
 public:
  Events(const Functions& cl, std::size_t count) : cl_(cl), events_(count) {}
  ~Events() {
    for (cl_event event : events_) {
      if (event != nullptr) cl_.ReleaseEvent(event);
    }
  }
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;
  cl_event& operator[](std::size_t i) { return events_[i]; }

 private:
  const Functions& cl_;
  std::vector<cl_event> events_;
};

}  // namespace

OpenClPlan::OpenClPlan(std::shared_ptr<Engine> engine, std::span<const Op> ops)
    : engine_(std::move(engine)),
      limits_(CheckOps(
          ops, [this](TensorId id) -> const TensorDesc& { return engine_->tensors.At(id).desc; })),
      tokens_(RoomOf(limits_.tokens, RoomOf(limits_.outputs, 1))),
      outputs_(RoomOf(limits_.outputs, tokens_)) {
  try {
    MakeBuffers(ops);
    MakeLaunches(ops);
    Rehearse();
  } catch (...) {
    Release();
    throw;
  }
}

OpenClPlan::~OpenClPlan() { Release(); }

void OpenClPlan::Release() {
  for (const auto& [key, kernel] : kernels_) engine_->gpu.cl().ReleaseKernel(kernel);
  kernels_.clear();
}

std::size_t OpenClPlan::ClassOf(std::int64_t rows) {
  return static_cast<std::size_t>(std::find_if(std::begin(kRowClasses), std::end(kRowClasses),
                                               [rows](std::int64_t most) { return rows <= most; }) -
                                  std::begin(kRowClasses));
}

cl_mem OpenClPlan::NewBuffer(std::uint64_t bytes, const char* what) {
  return own_.emplace_back(engine_->gpu, bytes, what).get();
}

void OpenClPlan::MakeBuffers(std::span<const Op> ops) {
  buffers_.step_layout = gpu::StepBuffer(tokens_, outputs_, kTileTokens);
  std::size_t words = static_cast<std::size_t>(buffers_.step_layout.Words());
  words += words % 2;                   // tables are read as pairs
  std::int64_t widest = 0, packed = 0;  // floats
  std::uint64_t attention = 0, argmax = 0;
  for (const Op& op : ops) {
    if (const auto* rope = std::get_if<Rope>(&op)) {
      if (buffers_.tables_at.contains(rope->frequencies)) continue;
      RopeTable& table = ropes_.emplace_back();
      table.frequencies.resize(static_cast<std::size_t>(rope->rope_dim / 2));
      engine_->tensors.Read(rope->frequencies,
                            std::as_writable_bytes(std::span(table.frequencies)));
      table.at = words;
      buffers_.tables_at[rope->frequencies] = static_cast<std::uint32_t>(words);
      words += static_cast<std::size_t>(tokens_ * rope->rope_dim);
    } else if (const auto* a = std::get_if<Attention>(&op)) {
      attention = std::max(attention, AttentionPartFloats(*a, tokens_, limits_.positions));
    } else if (std::holds_alternative<ArgMax>(op)) {
      argmax = static_cast<std::uint64_t>(8 * kArgMaxSlices * outputs_);
    } else if (const auto* m = std::get_if<MatMul>(&op)) {
      widest = std::max(widest, m->in_width);
    } else if (const auto* e = std::get_if<ExpertMatMul>(&op)) {
      packed = std::max(packed, PackedRowsFloats(e->in_width, MostRowsOf(*e, tokens_)));
    }
  }
  words_.resize(words);
  buffers_.step = NewBuffer(4 * words, "step");
  buffers_.sink = NewBuffer(64, "sink");
  own_.back().Zero();
  if (attention > 0) buffers_.attention_parts = NewBuffer(4 * attention, "partial attention");
  if (argmax > 0) buffers_.argmax_parts = NewBuffer(argmax, "partial maxima");
  buffers_.most_tokens = tokens_;
  if (widest > 0) {
    widest = (widest + 31) / 32 * 32;
    packed = std::max(packed, PackedRowsFloats(widest, kMostMatvecRows));
    if (std::max(tokens_, outputs_) > kMostMatvecRows) {
      buffers_.packed_blocks = (std::max(tokens_, outputs_) + 31) / 32 * 2;
      packed = std::max(packed, buffers_.packed_blocks * 16 * widest);
    }
  }
  if (engine_->gpu.can().wide && packed > 0) {
    buffers_.packed = NewBuffer(4 * static_cast<std::uint64_t>(packed), "packed activations");
  }
}

void OpenClPlan::MakeLaunches(std::span<const Op> ops) {
  const auto passes = gpu::MakePasses(ops, {.norms_on_the_way = false});
  const std::int64_t outputs =
      limits_.outputs == StepLimits::kNone ? 1 : std::min(outputs_, tokens_);
  const auto possible = [](std::size_t row_class, std::int64_t limit) {
    return row_class == 0 || kRowClasses[row_class - 1] < limit;
  };
  for (std::size_t t = 0; t < kClasses && possible(t, tokens_); ++t) {
    for (std::size_t s = 0; s <= t && possible(s, outputs); ++s) {
      Lowering lowering(engine_->gpu.can(), engine_->sizes, engine_->tensors, buffers_,
                        {MostOf(t), MostOf(s)});
      std::vector<Launch>& launches = launches_[{t, s}];
      for (Dispatch& dispatch : lowering.Lower(passes)) {
        const cl_kernel kernel = dispatch.copied_bytes > 0 ? nullptr : KernelOf(dispatch);
        launches.push_back({std::move(dispatch), kernel});
      }
    }
  }
}

// Launches with the same arguments share a kernel.
cl_kernel OpenClPlan::KernelOf(const Dispatch& dispatch) {
  cl_kernel& kernel = kernels_[{dispatch.program, dispatch.kernel, dispatch.args}];
  if (kernel != nullptr) return kernel;
  kernel = engine_->programs.NewKernel(dispatch.program, dispatch.kernel);
  for (std::size_t i = 0; i < dispatch.args.size(); ++i) {
    std::visit(
        [&](const auto& value) {
          using Value = std::decay_t<decltype(value)>;
          Check(engine_->gpu.cl().SetKernelArg(kernel, static_cast<cl_uint>(i), sizeof(Value),
                                               &value),
                fmt::format("setting argument {} of '{}'", i, dispatch.kernel));
        },
        dispatch.args[i]);
  }
  return kernel;
}

void OpenClPlan::Rehearse() {
  const Functions& cl = engine_->gpu.cl();
  std::fill(words_.begin(), words_.end(), 0);
  own_.front().Write(0, std::as_bytes(std::span(words_)));
  const gpu::StepCounts one{.tokens = 1, .outputs = 1, .tiles = 1, .context = 1};
  std::set<std::pair<ProgramKey, std::string>> rehearsed;
  for (const auto& [classes, launches] : launches_) {
    for (const Launch& launch : launches) {
      const Dispatch& dispatch = launch.dispatch;
      if (launch.kernel == nullptr) continue;
      if (!rehearsed.insert({dispatch.program, dispatch.kernel}).second) continue;
      const auto idle = static_cast<cl_uint>(dispatch.idle_arg);
      const std::uint32_t zero = 0;
      if (dispatch.idle_arg >= 0) cl.SetKernelArg(launch.kernel, idle, sizeof(zero), &zero);
      Groups groups = dispatch.groups(one);
      for (std::size_t& count : groups) count = std::max<std::size_t>(count, 1);
      Enqueue(launch, groups, 1, nullptr, nullptr);
      if (dispatch.idle_arg >= 0) {
        const auto value =
            std::get<std::uint32_t>(dispatch.args[static_cast<std::size_t>(dispatch.idle_arg)]);
        engine_->gpu.Finish();
        cl.SetKernelArg(launch.kernel, idle, sizeof(value), &value);
      }
    }
  }
  engine_->gpu.Finish();
}

void OpenClPlan::Enqueue(const Launch& launch, const Groups& groups, std::size_t times,
                         cl_event* first, cl_event* last) {
  const Functions& cl = engine_->gpu.cl();
  const Dispatch& dispatch = launch.dispatch;
  for (std::size_t i = 0; i < times; ++i) {
    cl_event* event = i == 0 && first != nullptr ? first : i + 1 == times ? last : nullptr;
    if (dispatch.copied_bytes > 0) {
      Check(cl.EnqueueCopyBuffer(engine_->gpu.queue(), std::get<cl_mem>(dispatch.args[0]),
                                 std::get<cl_mem>(dispatch.args[1]), 0, 0, dispatch.copied_bytes, 0,
                                 nullptr, event),
            "copying a buffer");
      continue;
    }
    const std::size_t global[] = {groups[0] * dispatch.items, groups[1], groups[2]};
    const std::size_t local[] = {dispatch.items, 1, 1};
    Check(cl.EnqueueNDRangeKernel(engine_->gpu.queue(), launch.kernel, 3, nullptr, global, local, 0,
                                  nullptr, event),
          fmt::format("launching '{}'", dispatch.kernel));
  }
}

double OpenClPlan::SecondsBetween(cl_event first, cl_event last) const {
  const Functions& cl = engine_->gpu.cl();
  cl_ulong begin_ns = 0, end_ns = 0;
  Check(cl.GetEventProfilingInfo(first, CL_PROFILING_COMMAND_START, sizeof(begin_ns), &begin_ns,
                                 nullptr),
        "asking when a kernel began");
  Check(cl.GetEventProfilingInfo(last, CL_PROFILING_COMMAND_END, sizeof(end_ns), &end_ns, nullptr),
        "asking when a kernel ended");
  return static_cast<double>(end_ns - begin_ns) * 1e-9;
}

std::vector<OpenClPlan::Work> OpenClPlan::Fill(const Step& step) {
  const std::int64_t split =
      static_cast<std::int64_t>(step.tokens.size()) <= kSplitTokens ? kSplitPositions : 0;
  const gpu::StepCounts counts = buffers_.step_layout.Fill(
      step, split, std::span(words_).first(static_cast<std::size_t>(buffers_.step_layout.Words())));
  std::size_t used = static_cast<std::size_t>(buffers_.step_layout.Words());
  for (const RopeTable& rope : ropes_) {
    std::size_t at = rope.at;
    for (const TokenAt& token : step.tokens) {
      for (const float frequency : rope.frequencies) {
        const double angle = static_cast<double>(token.position) * frequency;
        words_[at++] = std::bit_cast<std::uint32_t>(static_cast<float>(std::cos(angle)));
        words_[at++] = std::bit_cast<std::uint32_t>(static_cast<float>(std::sin(angle)));
      }
    }
    used = std::max(used, at);
  }
  Check(engine_->gpu.cl().EnqueueWriteBuffer(engine_->gpu.queue(), buffers_.step, CL_FALSE, 0,
                                             4 * used, words_.data(), 0, nullptr, nullptr),
        "writing the step");
  return WorkOf(counts);
}

std::vector<OpenClPlan::Work> OpenClPlan::WorkOf(const gpu::StepCounts& counts) const {
  const Classes classes{ClassOf(std::clamp<std::int64_t>(counts.tokens, 1, tokens_)),
                        limits_.outputs == StepLimits::kNone
                            ? 0
                            : ClassOf(std::max<std::int64_t>(counts.outputs, 1))};
  std::vector<Work> work;
  for (const Launch& launch : launches_.at(classes)) {
    const Groups groups =
        launch.kernel == nullptr ? Groups{1, 1, 1} : launch.dispatch.groups(counts);
    if (groups[0] * groups[1] * groups[2] > 0) work.emplace_back(&launch, groups);
  }
  return work;
}

Timing OpenClPlan::Run(const Step& step) {
  CheckStep(step, limits_);
  const double start_s = NowSeconds();
  const std::vector<Work> work = Fill(step);
  Events events(engine_->gpu.cl(), 2);
  try {
    for (std::size_t i = 0; i < work.size(); ++i) {
      Enqueue(*work[i].first, work[i].second, work[i].first->dispatch.repeat,
              i == 0 ? &events[0] : nullptr, i + 1 == work.size() ? &events[1] : nullptr);
    }
  } catch (...) {
    engine_->gpu.cl().Finish(engine_->gpu.queue());  // what is on its way reads `words_`
    throw;
  }
  engine_->gpu.Finish();
  const double host_s = NowSeconds() - start_s;
  if (events[0] == nullptr) return {host_s, std::nullopt};
  return {host_s, SecondsBetween(events[0], events[1] == nullptr ? events[0] : events[1])};
}

StepProfile OpenClPlan::Profile(const Step& step) {
  CheckStep(step, limits_);
  const std::vector<Work> work = Fill(step);
  StepProfile profile;
  for (const auto& [launch, groups] : work) {
    const Dispatch& dispatch = launch->dispatch;
    Events events(engine_->gpu.cl(), 2);
    Enqueue(*launch, groups, dispatch.repeat, &events[0], &events[1]);
    engine_->gpu.Finish();
    profile.parts.push_back(
        {dispatch.first_op, dispatch.ops,
         launch->kernel == nullptr
             ? "copy"
             : fmt::format("{} {}", dispatch.kernel, dispatch.program.defines),
         SecondsBetween(events[0], events[1] == nullptr ? events[0] : events[1])});
  }
  return profile;
}

std::optional<std::int64_t> OpenClPlan::Dispatches(const Step& step) const {
  CheckStep(step, limits_);
  const std::int64_t split =
      static_cast<std::int64_t>(step.tokens.size()) <= kSplitTokens ? kSplitPositions : 0;
  std::vector<std::uint32_t> words(static_cast<std::size_t>(buffers_.step_layout.Words()));
  std::int64_t count = 0;
  for (const auto& [launch, groups] : WorkOf(buffers_.step_layout.Fill(step, split, words))) {
    count += static_cast<std::int64_t>(launch->dispatch.repeat);
  }
  return count;
}

}  // namespace inferometer::opencl
