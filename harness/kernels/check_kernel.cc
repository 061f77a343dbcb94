// Runs a case on a device, and a sample of it on the reference.
#include "harness/kernels/check_kernel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "harness/runner/conformance_limits.h"

namespace inferometer {
namespace {

constexpr std::int64_t kTokens = 4, kRows = 64;
constexpr double kInfinite = std::numeric_limits<double>::infinity();

bool IsCache(const TensorDesc& desc) {
  return desc.role == TensorRole::kKeyCache || desc.role == TensorRole::kValueCache;
}

bool IsMatrix(const TensorDesc& desc) {
  return IsWeight(desc.role) && desc.role != TensorRole::kVector;
}

// Up to `most` of 0 ... count - 1, evenly apart, the first and the last among them.
std::vector<std::int64_t> Sample(std::int64_t count, std::int64_t most) {
  std::vector<std::int64_t> sample;
  const std::int64_t n = std::min(count, most);
  for (std::int64_t i = 0; i < n; ++i) sample.push_back(n == 1 ? 0 : i * (count - 1) / (n - 1));
  return sample;
}

// The rows of a tensor as floats; indices are exact by their small size.
std::vector<float> Floats(const TensorDesc& desc, std::span<const std::byte> bytes) {
  const auto width = static_cast<std::size_t>(desc.dims[0]);
  if (desc.role == TensorRole::kIndex) {
    std::vector<float> values;
    for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
      std::int32_t value = 0;
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), 4,
                  std::as_writable_bytes(std::span(&value, 1)).begin());
      values.push_back(static_cast<float>(value));
    }
    return values;
  }
  const std::size_t row_bytes = RowBytes(desc.format, width);
  std::vector<float> values(bytes.size() / row_bytes * width);
  for (std::size_t row = 0; row * row_bytes < bytes.size(); ++row) {
    FormatOf(desc.format)
        .decode(bytes.data() + row * row_bytes, std::span(values).subspan(row * width, width));
  }
  return values;
}

class Checker {
 public:
  Checker(Device& device, Device& reference, const KernelCase& c, const CaseData& data)
      : device_(device), reference_(reference), case_(c), data_(data) {
    tokens_ = Sample(std::ssize(c.tokens), kTokens);
    if (const auto* m = std::get_if<MatMul>(&c.op)) rows_ = Sample(m->out_width, kRows);
    if (const auto* m = std::get_if<ExpertMatMul>(&c.op)) rows_ = Sample(m->out_width, kRows);
    Op op = c.op;
    ForEachOperand(op, [this](TensorId& id, Access access) {
      if (access != Access::kRead) results_.push_back(static_cast<std::size_t>(id));
    });
  }

  KernelCheck Run() {
    const auto got = OnDevice();
    const auto want = OnReference();
    KernelCheck check;
    std::int64_t values = 0;
    for (std::size_t i = 0; i < results_.size(); ++i) {
      const bool index = case_.tensors[results_[i]].role == TensorRole::kIndex;
      check.nmse = std::max(check.nmse, Distance(want[i], got[i], index));
      values += std::ssize(want[i]);
    }
    check.limit = LimitOf(case_.op, values);
    return check;
  }

 private:
  using Values = std::vector<std::vector<float>>;  // by result tensor

  // The sampled results of the whole case.
  Values OnDevice() {
    UploadedTensors tensors(device_);
    Op op = case_.op;
    std::vector<TensorId> ids;
    ForEachOperand(op, [&](TensorId& id, Access) {
      const auto i = static_cast<std::size_t>(id);
      id = UploadFilled(tensors, device_, case_.tensors[i], data_.All(i));
      ids.push_back(id);
    });
    const std::unique_ptr<Plan> plan = device_.Prepare({&op, 1});
    plan->Run({case_.tokens});
    Values values;
    for (const std::size_t result : results_) {
      const TensorDesc& desc = case_.tensors[result];
      std::vector<std::byte> bytes(desc.role == TensorRole::kIndex
                                       ? 4 * static_cast<std::size_t>(desc.dims[0] * desc.dims[1])
                                       : ByteSize(desc));
      device_.Read(ids[result], bytes);
      const std::vector<float> all = Floats(desc, bytes);
      values.emplace_back();
      for (const std::int64_t token : tokens_) Pick(desc, all, token, rows_, values.back());
    }
    return values;
  }

  // The same from the reference, which runs one sampled token after the other on the sampled rows.
  Values OnReference() {
    UploadedTensors tensors(reference_);
    std::vector<TensorDesc> descs = case_.tensors;
    Op op = case_.op;
    if (auto* m = std::get_if<MatMul>(&op)) m->out_width = std::ssize(rows_);
    if (auto* m = std::get_if<ExpertMatMul>(&op)) m->out_width = std::ssize(rows_);
    if (auto* e = std::get_if<Embed>(&op)) e->vocab = std::ssize(tokens_);
    std::vector<TensorId> ids;
    ForEachOperand(op, [&](TensorId& id, Access access) {
      const auto i = static_cast<std::size_t>(id);
      TensorDesc& desc = descs[i];
      std::vector<std::byte> content;
      if (IsMatrix(desc)) {
        const std::vector<std::int64_t> rows = MatrixRows(desc);
        desc.dims[1] = std::ssize(rows) / desc.dims[2];
        content = data_.Rows(i, rows);
      } else if (desc.role == TensorRole::kActivation || desc.role == TensorRole::kIndex) {
        desc.dims[1] = 1;
        if (access != Access::kRead && !rows_.empty()) desc.dims[0] = WidthOf(op);
      } else {
        content = data_.All(i);
      }
      id = content.empty() ? tensors.Add(desc, {})
                           : UploadFilled(tensors, reference_, desc, content);
      ids.push_back(id);
    });
    const std::unique_ptr<Plan> plan = reference_.Prepare({&op, 1});
    Values values(results_.size());
    for (std::size_t s = 0; s < tokens_.size(); ++s) {
      const std::int64_t token = tokens_[s];
      WriteRow(token, descs, ids);
      TokenAt at = case_.tokens[static_cast<std::size_t>(token)];
      if (std::holds_alternative<Embed>(op)) at.id = static_cast<std::int32_t>(s);
      at.output = true;
      plan->Run({{&at, 1}});
      for (std::size_t r = 0; r < results_.size(); ++r) {
        const TensorDesc& desc = descs[results_[r]];
        std::vector<std::byte> bytes(desc.role == TensorRole::kIndex
                                         ? 4 * static_cast<std::size_t>(desc.dims[0])
                                         : ByteSize(desc));
        reference_.Read(ids[results_[r]], bytes);
        // A cache keeps its rows; of anything else there is one.
        Pick(desc, Floats(desc, bytes), IsCache(desc) ? token : 0, {}, values[r]);
      }
    }
    return values;
  }

  std::vector<std::int64_t> MatrixRows(const TensorDesc& desc) const {
    std::vector<std::int64_t> rows;
    if (std::holds_alternative<Embed>(case_.op)) {
      for (const std::int64_t token : tokens_) {
        rows.push_back(case_.tokens[static_cast<std::size_t>(token)].id);
      }
      return rows;
    }
    for (std::int64_t expert = 0; expert < desc.dims[2]; ++expert) {
      for (const std::int64_t row : rows_) rows.push_back(expert * desc.dims[1] + row);
    }
    return rows;
  }

  // Of a result row of a matmul whose rows were sampled.
  static std::int64_t WidthOf(const Op& op) {
    if (const auto* m = std::get_if<ExpertMatMul>(&op)) return m->used * m->out_width;
    return std::get<MatMul>(op).out_width;
  }

  // What the token has in each activation, into the only row that the reference has of it.
  void WriteRow(std::int64_t token, const std::vector<TensorDesc>& descs,
                const std::vector<TensorId>& ids) {
    for (std::size_t i = 0; i < descs.size(); ++i) {
      const bool row =
          descs[i].role == TensorRole::kActivation || descs[i].role == TensorRole::kIndex;
      if (!row || descs[i].dims[0] != case_.tensors[i].dims[0]) continue;
      reference_.Write(ids[i], data_.Rows(i, std::span(&token, 1)));
    }
  }

  // Adds what a token left in a tensor; of the outputs of a matrix those of `rows` alone.
  void Pick(const TensorDesc& desc, std::span<const float> all, std::int64_t token,
            std::span<const std::int64_t> rows, std::vector<float>& out) const {
    const std::int64_t place =
        IsCache(desc) ? case_.tokens[static_cast<std::size_t>(token)].position : token;
    const std::int64_t width = IsCache(desc) ? desc.dims[0] * desc.dims[1] : desc.dims[0];
    const auto row =
        all.subspan(static_cast<std::size_t>(place * width), static_cast<std::size_t>(width));
    if (rows.empty()) {
      out.insert(out.end(), row.begin(), row.end());
      return;
    }
    const auto* expert = std::get_if<ExpertMatMul>(&case_.op);
    const std::int64_t parts = expert == nullptr ? 1 : expert->used;
    for (std::int64_t part = 0; part < parts; ++part) {
      for (const std::int64_t r : rows) {
        out.push_back(row[static_cast<std::size_t>(part * (width / parts) + r)]);
      }
    }
  }

  double Distance(std::span<const float> want, std::span<const float> got, bool index) const {
    double error = 0, signal = 0;
    for (std::size_t i = 0; i < want.size(); ++i) {
      const double difference = static_cast<double>(got[i]) - want[i];
      error += difference * difference;
      signal += static_cast<double>(want[i]) * want[i];
    }
    if (!std::isfinite(error) || (index && error > 0)) return kInfinite;
    if (error == 0) return 0;
    return signal > 0 ? error / signal : kInfinite;
  }

  Device& device_;
  Device& reference_;
  const KernelCase& case_;
  const CaseData& data_;
  std::vector<std::int64_t> tokens_;  // the sampled tokens
  std::vector<std::int64_t> rows_;    // the sampled rows of a matrix; empty: the op has none
  std::vector<std::size_t> results_;  // tensors that the op writes
};

}  // namespace

KernelCheck CheckKernel(Device& device, Device& reference, const KernelCase& c,
                        const CaseData& data) {
  return Checker(device, reference, c, data).Run();
}

}  // namespace inferometer
