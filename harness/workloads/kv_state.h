// The cache of a session's first sequence as bytes: kept elsewhere, put back, shortened.
#ifndef INFEROMETER_HARNESS_WORKLOADS_KV_STATE_H_
#define INFEROMETER_HARNESS_WORKLOADS_KV_STATE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "models/plan.h"

namespace inferometer {

class Session;

// Bytes that so many positions of one sequence take in all caches of a plan.
std::uint64_t KvBytes(const ModelPlan& plan, std::int64_t positions);

// The first positions of sequence 0, in canonical bytes.
struct KvState {
  std::int64_t positions = 0;
  std::vector<std::vector<std::byte>> caches;  // in the plan's order
};

// Zeros, of the size that so many positions need.
KvState EmptyState(const ModelPlan& plan, std::int64_t positions);

// From the device, as many positions as the state has; and back.
void ReadState(Session& session, KvState& state);
void WriteState(Session& session, const KvState& state);

// To a file, which is on storage when this returns (fsync); and from one of the same size. Throws
// Error.
void SaveState(const KvState& state, const std::string& path);
void LoadState(KvState& state, const std::string& path);

// Takes `dropped` positions out after the first `kept`. Later ones move down, and their keys are
// rotated back by as many positions: rotations of a pair add up (Su et al. 2021, RoFormer).
void ShiftState(const ModelPlan& plan, std::int64_t kept, std::int64_t dropped, KvState& state);

// The keys of the plan's first layer, which depend on each token and its position alone: what the
// first `positions` of a sequence hold.
std::vector<float> FirstLayerKeys(Session& session, std::int32_t sequence, std::int64_t positions);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_WORKLOADS_KV_STATE_H_
