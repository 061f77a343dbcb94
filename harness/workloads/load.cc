// Load: from a model file to the first token, with the file in storage or in memory.
#include <fmt/format.h>

#include "harness/base/file.h"
#include "harness/base/page_cache.h"
#include "harness/runner/session.h"
#include "harness/workloads/token_trace.h"
#include "harness/workloads/workload.h"

namespace inferometer {
namespace {

// Above this share of pages still in memory, a cold start was not one.
constexpr double kColdShare = 0.05;

std::vector<Case> Cases(std::string_view preset) {
  if (preset == "quick") return {};
  return {{"load", {{"cache", "cold"}}}, {"load", {{"cache", "warm"}}}};
}

std::vector<RowKey> RowKeys(const Case&) { return {{"load_time"}}; }

std::vector<PlanLimits> Limits(const Case&) { return {{.positions = 512, .step_tokens = 1}}; }

// Every weight is read, written in the device's layout and read again for the token.
Work AllWork(const Case&, const ModelPlan& plan) { return WorkOfToken(plan.ops, 1, 0) * 3; }

// Takes the pages that this process maps of the model out of it; mapped pages are never dropped.
void Unmap(const Model& model) {
  for (std::size_t i = 0; i < model.tensors.size(); ++i) ReleaseMapped(model.load(i));
}

// Reads every page once.
void Touch(const std::string& path) {
  const MappedFile file(path);
  volatile std::byte sink{};
  for (std::size_t at = 0; at < file.bytes().size(); at += 4096) sink = file.bytes()[at];
  (void)sink;
}

// t0: the file is opened. Ends with the first sampled token, after upload and preparation on a
// device that holds nothing.
Repetition Run(const Subject& subject, const Case& c) {
  Repetition repetition;
  if (c.params.at("cache") == "cold") {
    if (!subject.model->path.empty()) Unmap(*subject.model);
    DropPageCache(subject.file);
    const double share = ResidentShare(subject.file);
    if (share > kColdShare) {
      repetition.unsupported = fmt::format(
          "{:.0f} % of the file stayed in memory after the page cache was dropped: it lies on a "
          "file "
          "system in memory, or another program maps it",
          100 * share);
      return repetition;
    }
  } else {
    Touch(subject.file);
  }

  const std::unique_ptr<Device> device = subject.open_device();
  const double t0 = subject.now();
  const Model model = OpenModel(subject.file);
  Session session(*device, model, Limits(c).front());
  session.Prefill(subject.prompt.first(1), 0);
  const std::int32_t first = session.Greedy();
  const double elapsed_s = subject.now() - t0;

  repetition.measurements = {{"load_time", elapsed_s, {}, 0}};
  repetition.facts = {{"source", subject.synthetic_file ? "synthetic file" : "file"},
                      {"prompt_sha256", HashTokens(subject.prompt.first(1))},
                      {"generated_sha256", HashTokens({&first, 1})}};
  return repetition;
}

}  // namespace

extern const Workload kLoad;
const Workload kLoad = {
    .name = "load",
    .help = "a model file to its first token, with the page cache dropped (cold) and not (warm)",
    .cases = Cases,
    .rows = RowKeys,
    .limits = Limits,
    .work = AllWork,
    .run = Run,
    .own_session = true,
    .needs_file = true};

}  // namespace inferometer
