// Ops that share a dispatch: norms that pack for the matrix behind them, and matrices for one
// input.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "models/quant/blocks.h"
#include "tests/backends/opencl/driver.h"

namespace inferometer::opencl {
namespace {

constexpr std::int64_t kWidth = 96, kTokens = 6;

std::vector<std::byte> Weights(std::int64_t rows, unsigned seed) {
  std::vector<BlockQ8_0> blocks(static_cast<std::size_t>(rows * kWidth / 32));
  for (BlockQ8_0& block : blocks) {
    block.d = static_cast<std::uint16_t>(0x2000 + seed % 512);  // 2^-7 and more, as binary16
    for (auto& code : block.qs) {
      seed = seed * 1664525 + 1013904223;
      code = static_cast<std::int8_t>(static_cast<int>(seed >> 24) - 128);
    }
  }
  const auto bytes = std::as_bytes(std::span(blocks));
  return {bytes.begin(), bytes.end()};
}

std::vector<float> Values(std::int64_t count, unsigned seed) {
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) {
    seed = seed * 1664525 + 1013904223;
    value = static_cast<float>(seed >> 8) / 0x1p23F - 1;
  }
  return values;
}

struct Outcome {
  std::vector<float> normed, q, k, v, last;
  std::optional<std::int64_t> dispatches;
};

// A norm, three matrices for what it makes, one with a bias, one that adds, and one more behind.
Outcome Compute(Device& device, std::int64_t tokens, bool third_is_f32) {
  const auto upload = [&](TensorRole role, QuantId format, std::int64_t width, std::int64_t rows,
                          std::span<const std::byte> data) {
    return device.Upload({"t", role, format, {width, rows, 1, 1}}, data);
  };
  const auto activation = [&](std::int64_t width) {
    return upload(TensorRole::kActivation, QuantId::kF32, width, kTokens, {});
  };
  const auto vector = [&](std::int64_t width, unsigned seed) {
    const std::vector<float> values = Values(width, seed);
    return upload(TensorRole::kVector, QuantId::kF32, width, 1, std::as_bytes(std::span(values)));
  };
  const TensorId in = activation(kWidth), normed = activation(kWidth), q = activation(kWidth),
                 k = activation(33), v = activation(7), last = activation(5);
  const auto matrix = [&](std::int64_t rows, unsigned seed) {
    return upload(TensorRole::kMatrix, QuantId::kQ8_0, kWidth, rows, Weights(rows, seed));
  };
  const QuantId third = third_is_f32 ? QuantId::kF32 : QuantId::kQ8_0;
  const std::vector<float> floats = Values(7 * kWidth, 9);
  const TensorId third_matrix =
      third_is_f32 ? upload(TensorRole::kMatrix, third, kWidth, 7, std::as_bytes(std::span(floats)))
                   : matrix(7, 3);
  const Op ops[] = {RmsNorm{in, vector(kWidth, 1), normed, kWidth, 1, 1e-5F},
                    MatMul{.in = normed,
                           .weight = matrix(kWidth, 1),
                           .out = q,
                           .format = QuantId::kQ8_0,
                           .in_width = kWidth,
                           .out_width = kWidth},
                    MatMul{.in = normed,
                           .weight = matrix(33, 2),
                           .bias = vector(33, 2),
                           .out = k,
                           .format = QuantId::kQ8_0,
                           .in_width = kWidth,
                           .out_width = 33},
                    MatMul{.in = normed,
                           .weight = third_matrix,
                           .out = v,
                           .format = third,
                           .in_width = kWidth,
                           .out_width = 7,
                           .accumulate = true},
                    MatMul{.in = q,
                           .weight = matrix(5, 4),
                           .out = last,
                           .format = QuantId::kQ8_0,
                           .in_width = kWidth,
                           .out_width = 5}};
  const std::vector<float> inputs = Values(kWidth * kTokens, 5), sums = Values(7 * kTokens, 6);
  device.Write(in, std::as_bytes(std::span(inputs)));
  device.Write(v, std::as_bytes(std::span(sums)));
  const auto plan = device.Prepare(ops);
  std::vector<TokenAt> step;
  for (std::int32_t i = 0; i < tokens; ++i) step.push_back({0, i, 0, true});
  plan->Run({step});
  Outcome outcome;
  const auto read = [&](TensorId id, std::int64_t width, std::vector<float>& to) {
    to.resize(static_cast<std::size_t>(width * tokens));
    device.Read(id, std::as_writable_bytes(std::span(to)));
  };
  read(normed, kWidth, outcome.normed);
  read(q, kWidth, outcome.q);
  read(k, 33, outcome.k);
  read(v, 7, outcome.v);
  read(last, 5, outcome.last);
  outcome.dispatches = plan->Dispatches({step});
  return outcome;
}

void ExpectNear(const std::vector<float>& got, const std::vector<float>& wanted, const char* what) {
  ASSERT_EQ(got.size(), wanted.size());
  double error = 0, size = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    error += (got[i] - wanted[i]) * (got[i] - wanted[i]);
    size += wanted[i] * wanted[i];
  }
  EXPECT_GT(size, 0) << what;
  EXPECT_LT(error, 1e-6 * size) << what;
}

TEST(OpenClFused, ComputesWhatTheOpsDoOneByOne) {
  const std::unique_ptr<Device> reference = OpenReference();
  for (const char* overrides : {"path=wide no-tuning", "path=group no-tuning"}) {
    const auto device = FirstDevice(overrides);
    SKIP_WITHOUT(device);
    const bool wide = std::string(overrides).starts_with("path=wide");
    for (const bool third_is_f32 : {false, true}) {
      if (!wide && third_is_f32) continue;  // drivers take seconds to compile each
      for (const std::int64_t tokens : {1, 3, 6}) {
        if (!wide && tokens != 3) continue;
        SCOPED_TRACE(std::string(overrides) + " " + std::to_string(tokens));
        const Outcome got = Compute(*device, tokens, third_is_f32);
        const Outcome wanted = Compute(*reference, tokens, third_is_f32);
        ExpectNear(got.normed, wanted.normed, "norm");
        ExpectNear(got.q, wanted.q, "q");
        ExpectNear(got.k, wanted.k, "k");
        ExpectNear(got.v, wanted.v, "v");
        ExpectNear(got.last, wanted.last, "last");
        if (tokens > 4) continue;
        // Norm, the matrices of one format, the third where it has another, the last; and, where
        // activations are packed, that of the last one's input.
        EXPECT_EQ(got.dispatches, 3 + (third_is_f32 ? 1 : 0) + (wide ? 1 : 0));
      }
    }
  }
}

}  // namespace
}  // namespace inferometer::opencl
