// Faults that real devices have had are found, by the quick cases and by whole models.
#include <gtest/gtest.h>

#include <algorithm>

#include "harness/base/error.h"
#include "harness/runner/conformance.h"
#include "tests/backends/conformance/broken_device.h"
#include "tests/models/tiny_shapes.h"

namespace inferometer {
namespace {

// Reads the first `count` floats of a tensor, changes them, writes them back.
void Edit(Device& device, TensorId id, std::int64_t count,
          const std::function<void(std::vector<float>&)>& change) {
  std::vector<float> values(static_cast<std::size_t>(count));
  device.Read(id, std::as_writable_bytes(std::span(values)));
  change(values);
  device.Write(id, std::as_bytes(std::span(values)));
}

template <typename O>
Fault Misread(std::string name, std::function<void(O&)> change) {
  Fault fault;
  fault.name = std::move(name);
  fault.misread = [change = std::move(change)](Op op) {
    if (auto* o = std::get_if<O>(&op)) change(*o);
    return op;
  };
  return fault;
}

template <typename O>
Fault Misstep(std::string name, std::function<void(std::vector<TokenAt>&)> change) {
  Fault fault;
  fault.name = std::move(name);
  fault.misstep = [change = std::move(change)](const Op& op, std::vector<TokenAt> tokens) {
    if (std::holds_alternative<O>(op)) change(tokens);
    return tokens;
  };
  return fault;
}

template <typename O>
Fault After(std::string name, std::function<void(const O&, Device&)> change) {
  Fault fault;
  fault.name = std::move(name);
  fault.after = [change = std::move(change)](const Op& op, Device& device) {
    if (const auto* o = std::get_if<O>(&op)) change(*o, device);
  };
  return fault;
}

template <typename O>
Fault Before(std::string name, std::function<void(const O&, Device&)> change) {
  Fault fault = After<O>(std::move(name), std::move(change));
  std::swap(fault.before, fault.after);
  return fault;
}

// Faults that show in ops and in whole models alike.
std::vector<Fault> Faults() {
  std::vector<Fault> faults;
  faults.push_back(After<MatMul>("the first output of a matmul is 30 percent off",
                                 [](const MatMul& o, Device& device) {
                                   Edit(device, o.out, 1, [](auto& v) { v[0] *= 1.3f; });
                                 }));
  faults.push_back(After<MatMul>(
      "the last outputs of a matmul are not computed", [](const MatMul& o, Device& device) {
        Edit(device, o.out, o.out_width, [&](auto& v) {
          const auto tail = v.size() % 8 == 0 ? 8 : v.size() % 8;
          std::fill(v.end() - static_cast<std::ptrdiff_t>(tail), v.end(), 0.0f);
        });
      }));
  faults.push_back(
      Misread<MatMul>("matmul forgets to accumulate", [](MatMul& o) { o.accumulate = false; }));
  faults.push_back(
      Misread<MatMul>("matmul forgets the bias", [](MatMul& o) { o.bias = kNoTensor; }));
  faults.push_back(
      Before<KvAppend>("the heads of k are swapped", [](const KvAppend& o, Device& device) {
        Edit(device, o.k, o.kv_heads * o.head_dim,
             [&](auto& v) { std::rotate(v.begin(), v.begin() + o.head_dim, v.end()); });
      }));
  faults.push_back(Misread<Attention>("attention scales by another factor",
                                      [](Attention& o) { o.scale *= 1.1f; }));
  faults.push_back(Misstep<Attention>("a token does not see itself", [](auto& tokens) {
    for (const TokenAt& token : tokens) {
      if (token.position == 0) return;
    }
    for (TokenAt& token : tokens) token.position -= 1;
  }));
  // All positions alike would change nothing in a model: only differences count.
  faults.push_back(Misstep<Rope>("rope counts one too many after the first step", [](auto& tokens) {
    if (tokens.front().position == 0) return;
    for (TokenAt& token : tokens) token.position += 1;
  }));
  faults.push_back(Misread<Rope>("rope rotates the other pairs", [](Rope& o) {
    o.style = o.style == RopeStyle::kHalves ? RopeStyle::kInterleaved : RopeStyle::kHalves;
  }));
  faults.push_back(
      After<GatedMul>("gate without its sigmoid", [](const GatedMul& o, Device& device) {
        Edit(device, o.out, o.width, [](auto& v) {
          for (float& x : v) x = 2 * x;
        });
      }));
  return faults;
}

int Caught(Device& device, bool quick_only) {
  const std::unique_ptr<Device> reference = OpenReference();
  int caught = 0;
  for (const OpCase& c : ConformanceCases()) {
    if (quick_only && !c.quick) continue;
    const CaseResult result = RunCase(device, *reference, c);
    caught += result.why_not.empty() && !result.Pass() ? 1 : 0;
  }
  return caught;
}

class Broken : public testing::TestWithParam<std::size_t> {
 protected:
  const Fault fault_ = Faults()[GetParam()];
};

TEST_P(Broken, IsFoundByQuickOpCases) {
  BrokenDevice device(fault_);
  EXPECT_GT(Caught(device, true), 0) << fault_.name;
}

TEST_P(Broken, IsFoundByAWholeModel) {
  const ModelShape shape = TinyShapes()[2];
  ASSERT_EQ(shape.family, "qwen2");  // the family with biases
  // In f16, where the limit is tight: what quantized activations may cost would hide some of these.
  const Model model = SynthesizeModel(shape, "f16", 1);
  ModelOracle oracle(model);
  BrokenDevice device(fault_);
  std::vector<std::int32_t> prompt;
  for (std::int32_t i = 0; i < 40; ++i) prompt.push_back(i * 7 % 320);
  const ModelResult result = VerifyModel(device, oracle, prompt, 4);
  EXPECT_FALSE(result.conformance.pass) << fault_.name << ": NMSE " << result.conformance.nmse;
  EXPECT_FALSE(result.why_failed.empty());
}

INSTANTIATE_TEST_SUITE_P(Faults, Broken, testing::Range(std::size_t{0}, Faults().size()));

}  // namespace
}  // namespace inferometer
