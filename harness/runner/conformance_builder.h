// Puts conformance cases together: what their lists share.
#ifndef INFEROMETER_HARNESS_RUNNER_CONFORMANCE_BUILDER_H_
#define INFEROMETER_HARNESS_RUNNER_CONFORMANCE_BUILDER_H_

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "harness/runner/conformance.h"
#include "harness/runner/conformance_limits.h"

namespace inferometer {

inline constexpr std::array<std::int64_t, 7> kTokenCounts = {1, 2, 3, 5, 8, 17, 64};
inline constexpr std::array<std::int32_t, 9> kPositions = {0, 1, 15, 16, 17, 63, 64, 65, 300};
struct Heads {
  std::int64_t query, kv;
};
inline constexpr std::array<Heads, 4> kHeads = {{{1, 1}, {3, 1}, {9, 3}, {3, 3}}};

// `count` tokens of one sequence.
inline std::vector<TokenAt> Tokens(std::int64_t count, std::int32_t position,
                                   std::int32_t sequence = 0) {
  std::vector<TokenAt> tokens;
  for (std::int32_t i = 0; i < count; ++i) {
    tokens.push_back({i % 3, position + i, sequence, i % 2 == 1 || i + 1 == count});
  }
  return tokens;
}

class CaseBuilder {
 public:
  explicit CaseBuilder(std::uint64_t first_seed) : first_seed_(first_seed) {}
  std::vector<OpCase> cases;

 protected:
  // Values of a table in turn, so that parameters mix without a full product of them.
  template <typename T, std::size_t N>
  T Next(const std::array<T, N>& table) {
    return table[turn_++ % N];
  }

  void Begin(std::string name, double limit) {
    case_ = {};
    case_.name = std::move(name);
    case_.limit = limit;
    case_.seed = first_seed_ + cases.size();
  }

  void End(Op op, bool quick) {
    case_.op = op;
    case_.quick = quick;
    cases.push_back(std::move(case_));
  }

  TensorId Add(TensorRole role, QuantId format, std::array<std::int64_t, 4> dims, Fill fill,
               float scale) {
    const std::string name = fmt::format("operand {}", case_.tensors.size());
    case_.tensors.push_back({{name, role, format, dims}, fill, scale});
    return static_cast<TensorId>(case_.tensors.size() - 1);
  }

  TensorId Weight(TensorRole role, QuantId format, std::array<std::int64_t, 4> dims,
                  float scale = 1) {
    return Add(role, format, dims, Fill::kNormal, scale);
  }

  // Activations have room for more rows than the step uses, in every other case.
  TensorId Input(std::int64_t width, [[maybe_unused]] Rows rows = Rows::kTokens,
                 TensorRole role = TensorRole::kActivation, Fill fill = Fill::kNormal,
                 float scale = 1) {
    const std::int64_t room = std::ssize(case_.tokens) + (cases.size() % 2 == 0 ? 0 : 3);
    return Add(role, QuantId::kF32, {width, room, 1, 1}, fill, scale);
  }

  TensorId Output(std::int64_t width, Rows rows = Rows::kTokens,
                  TensorRole role = TensorRole::kActivation) {
    const TensorId id = Input(width, rows, role, Fill::kZero);
    case_.results.push_back({id, rows});
    return id;
  }

  OpCase case_;

 private:
  std::uint64_t first_seed_;
  std::size_t turn_ = 0;
};

// The cases of KvAppend and Attention.
std::vector<OpCase> CacheCases();

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_CONFORMANCE_BUILDER_H_
