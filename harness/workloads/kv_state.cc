// Reads, writes and shifts caches.
#include "harness/workloads/kv_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <variant>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "harness/runner/session.h"

namespace inferometer {
namespace {

const TensorDesc& DescOf(const ModelPlan& plan, TensorId id) {
  return plan.tensors[static_cast<std::size_t>(id)];
}

// Of one position of one sequence.
std::size_t RowBytesOf(const TensorDesc& cache) {
  const Format& format = FormatOf(cache.format);
  return static_cast<std::size_t>(cache.dims[0] * cache.dims[1]) / format.block_weights *
         format.block_bytes;
}

// How keys were rotated: all layers alike.
const Rope& RopeOf(const ModelPlan& plan) {
  for (const Op& op : plan.ops) {
    if (const Rope* rope = std::get_if<Rope>(&op)) return *rope;
  }
  throw Error(ExitCode::kRunFailed,
              "the plan rotates no keys: a context shift is not known for it");
}

struct Rotation {
  double cosine, sine;
};

// By `positions`, which may be negative, for each pair of a head.
std::vector<Rotation> RotationsBy(const ModelPlan& plan, double positions) {
  std::vector<Rotation> rotations;
  for (const float frequency : plan.rope_frequencies) {
    const double angle = positions * static_cast<double>(frequency);
    rotations.push_back({std::cos(angle), std::sin(angle)});
  }
  return rotations;
}

// `keys` are heads of `rope.head_dim` values, one after the other.
void Rotate(const Rope& rope, std::span<const Rotation> rotations, std::span<float> keys) {
  const auto pairs = static_cast<std::size_t>(rope.rope_dim / 2);
  const bool halves = rope.style == RopeStyle::kHalves;
  const auto width = static_cast<std::size_t>(rope.head_dim);
  for (std::size_t head = 0; head < keys.size(); head += width) {
    for (std::size_t i = 0; i < pairs; ++i) {
      float& a = keys[head + (halves ? i : 2 * i)];
      float& b = keys[head + (halves ? i + pairs : 2 * i + 1)];
      const double x = a, y = b;
      a = static_cast<float>(x * rotations[i].cosine - y * rotations[i].sine);
      b = static_cast<float>(x * rotations[i].sine + y * rotations[i].cosine);
    }
  }
}

}  // namespace

std::uint64_t KvBytes(const ModelPlan& plan, std::int64_t positions) {
  std::uint64_t bytes = 0;
  for (const TensorId id : plan.caches) bytes += RowBytesOf(DescOf(plan, id));
  return bytes * static_cast<std::uint64_t>(positions);
}

KvState EmptyState(const ModelPlan& plan, std::int64_t positions) {
  KvState state{.positions = positions, .caches = {}};
  for (const TensorId id : plan.caches) {
    state.caches.emplace_back(RowBytesOf(DescOf(plan, id)) * static_cast<std::size_t>(positions));
  }
  return state;
}

void ReadState(Session& session, KvState& state) {
  for (std::size_t i = 0; i < state.caches.size(); ++i) {
    session.device().Read(session.Bound(session.plan().caches[i]), state.caches[i]);
  }
}

void WriteState(Session& session, const KvState& state) {
  for (std::size_t i = 0; i < state.caches.size(); ++i) {
    session.device().Write(session.Bound(session.plan().caches[i]), state.caches[i]);
  }
}

void SaveState(const KvState& state, const std::string& path) {
  AtomicFile file(path);
  for (const std::vector<std::byte>& cache : state.caches) file.Write(cache);
  file.Commit();
}

void LoadState(KvState& state, const std::string& path) {
  const MappedFile file(path);
  std::size_t at = 0;
  for (std::vector<std::byte>& cache : state.caches) {
    if (file.bytes().size() - at < cache.size()) {
      throw Error(ExitCode::kRunFailed, fmt::format("'{}' is too short for the cache", path));
    }
    std::copy_n(file.bytes().begin() + static_cast<std::ptrdiff_t>(at), cache.size(),
                cache.begin());
    at += cache.size();
  }
}

void ShiftState(const ModelPlan& plan, std::int64_t kept, std::int64_t dropped, KvState& state) {
  if (kept < 0 || dropped < 0 || kept + dropped > state.positions) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("{} of {} cached positions cannot be dropped after the first {}",
                            dropped, state.positions, kept));
  }
  const Rope& rope = RopeOf(plan);
  const std::vector<Rotation> back = RotationsBy(plan, -static_cast<double>(dropped));
  state.positions -= dropped;
  std::vector<float> keys;
  for (std::size_t i = 0; i < state.caches.size(); ++i) {
    const TensorDesc& desc = DescOf(plan, plan.caches[i]);
    const std::size_t row = RowBytesOf(desc);
    std::vector<std::byte>& cache = state.caches[i];
    const auto gap = cache.begin() + static_cast<std::ptrdiff_t>(row) * kept;
    cache.erase(gap, gap + static_cast<std::ptrdiff_t>(row) * dropped);
    if (desc.role != TensorRole::kKeyCache) continue;
    keys.resize(static_cast<std::size_t>(desc.dims[0] * desc.dims[1]));
    for (std::int64_t p = kept; p < state.positions; ++p) {
      std::byte* place = cache.data() + row * static_cast<std::size_t>(p);
      FormatOf(desc.format).decode(place, keys);
      Rotate(rope, back, keys);
      FormatOf(desc.format).encode(keys, place);
    }
  }
}

std::vector<float> FirstLayerKeys(Session& session, std::int32_t sequence, std::int64_t positions) {
  const TensorId id = session.plan().caches.front();
  const TensorDesc& desc = DescOf(session.plan(), id);
  const std::size_t row = RowBytesOf(desc);
  const auto begin = static_cast<std::size_t>(desc.dims[2] * sequence);
  std::vector<std::byte> bytes((begin + static_cast<std::size_t>(positions)) * row);
  session.device().Read(session.Bound(id), bytes);
  std::vector<float> keys(static_cast<std::size_t>(desc.dims[0] * desc.dims[1] * positions));
  FormatOf(desc.format).decode(bytes.data() + begin * row, keys);
  return keys;
}

}  // namespace inferometer
