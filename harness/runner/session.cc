// A model made ready on a device.
#include "harness/runner/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/error.h"
#include "harness/base/page_cache.h"

namespace inferometer {
namespace {

std::vector<TokenAt> TokensOf(std::span<const std::int32_t> ids, std::int32_t position,
                              std::int32_t sequence) {
  std::vector<TokenAt> tokens;
  tokens.reserve(ids.size());
  for (const std::int32_t id : ids) tokens.push_back({id, position++, sequence, false});
  return tokens;
}

}  // namespace

Weights::~Weights() {
  for (const TensorId id : ids) device_.Free(id);
}

Session::Session(Device& device, const Model& model, const PlanLimits& limits, const Session* like)
    : device_(device), plan_(BuildPlan(model, limits)) {
  for (const Op& op : plan_.ops) {
    const std::string why_not = device.WhyNot(op);
    if (!why_not.empty()) {
      throw Error(ExitCode::kRunFailed,
                  fmt::format("{} does not support {}: {}", device.Info().id, NameOf(op), why_not));
    }
  }
  weights_ = like ? like->weights_ : std::make_shared<Weights>(device);
  // One weight at a time, so that a device that repacks needs no second copy of the model; of a
  // file not even in the page tables, as what was uploaded is let go.
  while (weights_->ids.size() < model.tensors.size()) {
    const std::size_t i = weights_->ids.size();
    const std::span<const std::byte> content = model.load(i);
    weights_->ids.push_back(device.Upload(plan_.tensors[i], content));
    if (!model.path.empty()) ReleaseMapped(content);
  }
  bound_ = weights_->ids;
  try {
    for (std::size_t i = bound_.size(); i < plan_.tensors.size(); ++i) {
      std::span<const std::byte> content;
      if (static_cast<TensorId>(i) == plan_.frequencies) {
        content = std::as_bytes(std::span(plan_.rope_frequencies));
      }
      bound_.push_back(device.Upload(plan_.tensors[i], content));
    }
    std::vector<Op> ops = plan_.ops;
    for (Op& op : ops) {
      ForEachOperand(op, [this](TensorId& id, Access) { id = Bound(id); });
    }
    ready_ = device.Prepare(ops);
  } catch (...) {
    FreeOwn();
    throw;
  }
}

Session::~Session() {
  ready_.reset();  // before the tensors that it uses
  FreeOwn();
}

void Session::FreeOwn() {
  for (std::size_t i = weights_->ids.size(); i < bound_.size(); ++i) device_.Free(bound_[i]);
}

Timing Session::Prefill(std::span<const std::int32_t> ids, std::int32_t position,
                        std::int32_t sequence) {
  std::vector<TokenAt> tokens = TokensOf(ids, position, sequence);
  if (tokens.empty()) throw Error(ExitCode::kUsage, "prefill: no tokens were given");
  tokens.back().output = true;
  const auto most = static_cast<std::size_t>(plan_.limits.step_tokens);
  Timing total;
  for (std::size_t begin = 0; begin < tokens.size(); begin += most) {
    const std::size_t count = std::min(most, tokens.size() - begin);
    const Timing step = ready_->Run({std::span(tokens).subspan(begin, count)});
    total.host_s += step.host_s;
    if (step.device_s) total.device_s = total.device_s.value_or(0) + *step.device_s;
  }
  return total;
}

Timing Session::Run(std::span<const TokenAt> tokens) { return ready_->Run({tokens}); }

StepProfile Session::Profile(std::span<const TokenAt> tokens) { return ready_->Profile({tokens}); }

std::optional<std::int64_t> Session::Dispatches() const {
  const TokenAt token{.id = 0, .position = 0, .sequence = 0, .output = true};
  return ready_->Dispatches({{&token, 1}});
}

std::int32_t Session::Greedy(std::size_t output) {
  std::vector<std::int32_t> chosen(output + 1);
  device_.Read(Bound(plan_.greedy), std::as_writable_bytes(std::span(chosen)));
  return chosen.back();
}

std::vector<float> Session::Logits(std::size_t output) {
  const auto vocab =
      static_cast<std::size_t>(plan_.tensors[static_cast<std::size_t>(plan_.logits)].dims[0]);
  std::vector<float> rows(vocab * (output + 1));
  device_.Read(Bound(plan_.logits), std::as_writable_bytes(std::span(rows)));
  return {rows.end() - static_cast<std::ptrdiff_t>(vocab), rows.end()};
}

Cost Session::CostOfStep(std::span<const TokenAt> tokens) const {
  return CostOf(plan_.ops, {tokens});
}

Cost Session::CostOfPrefill(std::int64_t n, std::int64_t position) const {
  const std::vector<std::int32_t> ids(static_cast<std::size_t>(n));
  std::vector<TokenAt> tokens = TokensOf(ids, static_cast<std::int32_t>(position), 0);
  if (!tokens.empty()) tokens.back().output = true;
  const auto most = static_cast<std::size_t>(plan_.limits.step_tokens);
  Cost total;
  for (std::size_t begin = 0; begin < tokens.size(); begin += most) {
    const std::size_t count = std::min(most, tokens.size() - begin);
    const Cost step = CostOfStep(std::span(tokens).subspan(begin, count));
    total.bytes += step.bytes;
    total.flops += step.flops;
  }
  return total;
}

TensorId Session::Bound(TensorId plan_id) const {
  return bound_[static_cast<std::size_t>(plan_id)];
}

}  // namespace inferometer
