// Room that stages work in, allocated when a plan is made ready.
#ifndef INFEROMETER_BACKENDS_CPU_SCRATCH_H_
#define INFEROMETER_BACKENDS_CPU_SCRATCH_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "backends/cpu/kernel_set.h"
#include "backends/cpu/stage.h"
#include "harness/base/huge_buffer.h"

namespace inferometer::cpu {

// Activations of up to `rows` rows of `width` values in the forms that matmuls read.
class ReadyRows {
 public:
  ReadyRows() = default;
  ReadyRows(std::int64_t rows, std::int64_t width, const Forms& forms)
      : width_(width),
        brains_(forms.brains ? Bytes(rows * BrainWidth() * 2) : 0),
        tiles_(forms.tiles ? Bytes(TileBytes(rows)) : 0),
        rests_(forms.rests ? Bytes(TileBytes(rows)) : 0),
        codes_(forms.codes ? Bytes(rows * width) : 0),
        scales_(forms.codes ? Bytes(rows * width / 32 * 4) : 0),
        sums32_(forms.codes ? Bytes(rows * width / 32 * 4) : 0),
        sums16_(forms.codes ? Bytes(rows * width / 16 * 4) : 0),
        values_(forms.floats || forms.codes || forms.brains || forms.tiles ? Bytes(rows * width * 4)
                                                                           : 0) {}

  std::int64_t width() const { return width_; }
  float* Values(std::int64_t row) const { return values_.As<float>() + row * width_; }
  std::uint16_t* Brains(std::int64_t row) const {
    return brains_.As<std::uint16_t>() + row * BrainWidth();
  }
  std::uint16_t* Tiles() const { return tiles_.As<std::uint16_t>(); }
  std::uint16_t* Rests() const { return rests_.As<std::uint16_t>(); }
  std::int8_t* Codes(std::int64_t row) const { return codes_.As<std::int8_t>() + row * width_; }
  float* Scales(std::int64_t row) const { return scales_.As<float>() + row * (width_ / 32); }
  float* Sums32(std::int64_t row) const { return sums32_.As<float>() + row * (width_ / 32); }
  float* Sums16(std::int64_t row) const { return sums16_.As<float>() + row * (width_ / 16); }
  // Tiles are whole, so that they begin at the first row.
  Activations From(std::int64_t row) const {
    return {Values(row), Brains(row), Tiles(),     Rests(), Codes(row),
            Scales(row), Sums32(row), Sums16(row), width_};
  }

 private:
  // A vector's width more than needed, since kernels may load whole vectors.
  static std::size_t Bytes(std::int64_t n) { return static_cast<std::size_t>(n) + 64; }

  std::int64_t TileBytes(std::int64_t rows) const {
    return (rows + kTileRows - 1) / kTileRows * kTileRows * width_ * 2;
  }
  std::int64_t BrainWidth() const { return (width_ + 1) / 2 * 2; }

  std::int64_t width_ = 0;
  HugeBuffer brains_, tiles_, rests_, codes_, scales_, sums32_, sums16_, values_;
};

// A counter that hands out units of work to threads as they come.
struct alignas(64) Counter {
  std::atomic<std::int64_t> next{0};
};

}  // namespace inferometer::cpu

#endif  // INFEROMETER_BACKENDS_CPU_SCRATCH_H_
