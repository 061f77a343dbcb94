// Profiles the steps of a model, and puts parts together that do the same.
#include "harness/runner/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "harness/base/clock.h"
#include "harness/stats/median.h"
#include "models/cost.h"

namespace inferometer {
namespace {

constexpr std::int64_t kDepth = 2048;
// Profiles of a step, of which each part's median is taken; fewer where steps take long.
constexpr std::size_t kProfiles = 7;
constexpr double kLongEnough_s = 3;

struct Labeler {
  static std::string Matrix(QuantId format, std::int64_t in, std::int64_t out) {
    return fmt::format(" {} {}x{}", FormatOf(format).name, in, out);
  }
  std::string operator()(const Embed& o) const {
    return fmt::format(" {}", FormatOf(o.format).name);
  }
  std::string operator()(const MatMul& o) const {
    return Matrix(o.format, o.in_width, o.out_width);
  }
  std::string operator()(const ExpertMatMul& o) const {
    return Matrix(o.format, o.in_width, o.out_width);
  }
  std::string operator()(const Attention& o) const {
    return fmt::format(" {}", FormatOf(o.format).name);
  }
  template <typename T>
  std::string operator()(const T&) const {
    return "";
  }
};

// "rms_norm + 2 matmul q8_0 576x1536 + gated_mul": neighbours that are alike are counted.
std::string LabelOf(std::span<const Op> ops) {
  std::string label;
  for (std::size_t i = 0; i < ops.size();) {
    const std::string name = LabelOf(ops[i]);
    std::size_t alike = 1;
    while (i + alike < ops.size() && LabelOf(ops[i + alike]) == name) ++alike;
    if (!label.empty()) label += " + ";
    label += alike > 1 ? fmt::format("{} {}", alike, name) : name;
    i += alike;
  }
  return label;
}

std::vector<TokenAt> StepAt(std::int64_t tokens, std::int64_t depth) {
  std::vector<TokenAt> step;
  for (std::int64_t t = 0; t < tokens; ++t) {
    step.push_back({.id = 0,
                    .position = static_cast<std::int32_t>(depth + t),
                    .sequence = 0,
                    .output = t + 1 == tokens});
  }
  return step;
}

void ProfileStep(Session& session, std::span<const TokenAt> tokens, Profile& to) {
  session.Run(tokens);
  std::vector<double> whole, beside;
  std::vector<StepProfile> profiles;
  const double start_s = NowSeconds();
  while (profiles.size() < kProfiles &&
         (profiles.size() < 2 || NowSeconds() - start_s < kLongEnough_s)) {
    profiles.push_back(session.Profile(tokens));
    if (!profiles.back().why_not.empty()) {
      to.reason = profiles.back().why_not;
      return;
    }
    const Timing timing = session.Run(tokens);
    whole.push_back(timing.device_s.value_or(timing.host_s));
    if (timing.device_s) beside.push_back(timing.host_s - *timing.device_s);
  }
  // The first one is cold.
  to.parts = GroupParts(std::span(profiles).subspan(1), session.plan().ops, {tokens});
  to.step_s = Median(whole);
  if (!beside.empty()) to.host_s = Median(beside);
}

}  // namespace

std::string LabelOf(const Op& op) { return std::string(NameOf(op)) + std::visit(Labeler{}, op); }

std::vector<ProfilePart> GroupParts(std::span<const StepProfile> profiles, std::span<const Op> ops,
                                    const Step& step) {
  std::map<std::pair<std::string, std::string>, ProfilePart> groups;
  std::set<std::pair<std::size_t, std::size_t>> priced;  // parts may share ops
  for (std::size_t i = 0; i < profiles.front().parts.size(); ++i) {
    const PartTime& part = profiles.front().parts[i];
    const std::span<const Op> own = ops.subspan(part.first_op, part.ops);
    std::string label = own.empty() ? "input of " + LabelOf(ops[part.first_op]) : LabelOf(own);
    ProfilePart& group = groups[{label, part.kernel}];
    group.ops = std::move(label);
    group.kernel = part.kernel;
    ++group.count;
    std::vector<double> seconds;
    for (const StepProfile& profile : profiles) seconds.push_back(profile.parts[i].device_s);
    group.device_s += Median(seconds);
    if (!priced.insert({part.first_op, part.ops}).second) continue;
    const Cost cost = CostOf(own, step);
    group.bytes += cost.bytes;
    group.flops += cost.flops;
  }
  std::vector<ProfilePart> parts;
  for (auto& [key, group] : groups) parts.push_back(std::move(group));
  std::sort(parts.begin(), parts.end(), [](const ProfilePart& a, const ProfilePart& b) {
    return std::tie(b.device_s, a.ops, a.kernel) < std::tie(a.device_s, b.ops, b.kernel);
  });
  return parts;
}

std::vector<Profile> ProfileModel(Bench& bench, const Model& model) {
  const DeviceInfo& info = bench.chosen->device->Info();
  Profile profile;
  profile.model = model.name, profile.quant = model.quant;
  profile.backend = info.backend, profile.device = info.id;
  Session* session = nullptr;
  std::string reason = "the run ended before the conformance check";
  for (const Stand& stand : bench.stands) {
    if (!stand.session || !stand.conformance || !stand.conformance->pass) {
      if (!stand.failure.empty()) reason = stand.failure;
      if (!stand.unsupported.empty()) reason = stand.unsupported;
    } else if (session == nullptr ||
               std::pair(stand.session->limits().positions, stand.session->limits().step_tokens) >
                   std::pair(session->limits().positions, session->limits().step_tokens)) {
      session = stand.session.get();
    }
  }
  if (session == nullptr) {
    profile.reason = reason;
    return {profile};
  }
  const std::int64_t positions = session->limits().positions;
  const std::int64_t prompt = std::min(positions, session->limits().step_tokens);
  std::set<std::pair<std::int64_t, std::int64_t>> steps = {
      {1, 0}, {1, std::min(kDepth, positions - 1)}, {prompt, 0}};
  std::vector<Profile> profiles;
  for (const auto& [tokens, depth] : steps) {
    Profile& at = profiles.emplace_back(profile);
    at.params = {{"tokens", tokens}, {"depth", depth}};
    try {
      ProfileStep(*session, StepAt(tokens, depth), at);
    } catch (const std::exception& error) {
      at.parts.clear();
      at.reason = error.what();
    }
    if (!at.reason.empty()) break;  // what keeps one from being taken keeps all
  }
  return profiles;
}

}  // namespace inferometer
