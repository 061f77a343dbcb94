// Whether a device computes what the reference computes: op by op on awkward shapes, and over whole
// models.
#ifndef INFEROMETER_HARNESS_RUNNER_CONFORMANCE_H_
#define INFEROMETER_HARNESS_RUNNER_CONFORMANCE_H_

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "backends/device.h"
#include "harness/runner/session.h"
#include "models/model.h"
#include "results/record.h"

namespace inferometer {

// What a tensor of a case holds before the op runs. All of it follows from the case's seed.
enum class Fill : std::uint8_t {
  kZero,
  kNormal,     // variance `scale`²
  kSteps,      // multiples of scale / 2, so that equal values are common
  kExpertIds,  // of a kIndex tensor: different numbers below `scale` in every row
};

struct CaseTensor {
  TensorDesc desc;
  Fill fill = Fill::kNormal;
  float scale = 1;
};

// A tensor to compare, and its rows that mean something: `rows` of them, or all when it is a cache.
struct CaseResultTensor {
  TensorId id = kNoTensor;
  Rows rows = Rows::kTokens;
};

// One op on seeded data. TensorIds in `op` and `results` index `tensors`.
struct OpCase {
  std::string name;  // "matmul q4_k 256 to 17, 5 tokens, bias"
  Op op;
  std::vector<CaseTensor> tensors;
  std::vector<TokenAt> tokens;
  std::vector<CaseResultTensor> results;
  double limit = 0;  // of the NMSE
  // Mean square that a result value is expected to have. Errors are held against at least this, as
  // few values can all be small by chance; 0: against what they are.
  double power = 0;
  std::uint64_t seed = 0;
  bool quick = false;  // one of the few for slow or emulated machines
};

struct CaseResult {
  double nmse = 0;  // infinite when an index differs or a value is not finite
  double limit = 0;
  std::string why_not;  // not empty: the device, or the reference, does not support the op
  bool Pass() const { return why_not.empty() && nmse <= limit; }
};

// Every op in every format on shapes that catch wrong tails, strides and masks; about a thousand.
std::vector<OpCase> ConformanceCases();

// Runs the case on both devices. Throws Error when one of them fails.
CaseResult RunCase(Device& device, Device& reference, const OpCase& c);

// The reference's logits over one model, kept so that devices which choose the same tokens share
// one pass. The model must outlive it.
class ModelOracle {
 public:
  explicit ModelOracle(const Model& model) : model_(model) {}
  const Model& model() const { return model_; }
  // The logits after each of the last `outputs` of `ids`, {vocab, outputs}, each token seeing those
  // before it.
  const std::vector<float>& Logits(std::span<const std::int32_t> ids, std::int64_t outputs,
                                   QuantId kv_format);

 private:
  struct Key {
    std::vector<std::int32_t> ids;
    std::int64_t outputs;
    QuantId kv_format;
    auto operator<=>(const Key&) const = default;
  };
  const Model& model_;
  std::map<Key, std::vector<float>> known_;
};

struct ModelResult {
  Conformance conformance;
  // Tokens that differ from the reference's choice where its two logits lie closer together than
  // the device's logits err: a near tie, no fault.
  int near_ties = 0;
  std::string why_failed;            // names what was wrong; empty when it passed
  std::vector<std::int32_t> greedy;  // the device's continuation
};

// Prefills `prompt` in one step and in uneven chunks, continues greedily by `greedy_total` tokens,
// and holds the logits of every choice against the reference. The session needs room for
// prompt.size() + greedy_total positions; where it has a second sequence the chunks go there. Its
// caches are overwritten from position 0 on. Throws Error when the device fails.
ModelResult VerifySession(Session& session, ModelOracle& oracle,
                          std::span<const std::int32_t> prompt, int greedy_total);

// The same on a session of its own with two sequences.
ModelResult VerifyModel(Device& device, ModelOracle& oracle, std::span<const std::int32_t> prompt,
                        int greedy_total, QuantId kv_format = QuantId::kF16);

// The NMSE that the logits of a model may have: that of the worst format among its matrices.
double LogitLimit(const Model& model, QuantId kv_format);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_CONFORMANCE_H_
