// The size of a tensor from its dimensions and format.
#include "models/tensor.h"

#include <fmt/format.h>

#include <limits>

#include "harness/base/error.h"

namespace inferometer {

std::uint64_t ByteSize(const TensorDesc& desc) {
  auto refuse = [&desc](std::string_view why) {
    throw Error(ExitCode::kInvalidInput,
                fmt::format("tensor '{}' of {} x {} x {} x {}: {}", desc.name, desc.dims[0],
                            desc.dims[1], desc.dims[2], desc.dims[3], why));
  };
  for (const std::int64_t size : desc.dims) {
    if (size <= 0) refuse("a dimension is not positive");
  }
  // Elements of kIndex are int32 and those of buffers bytes, whatever the format says.
  std::uint64_t bytes = static_cast<std::uint64_t>(desc.dims[0]), unit = 1;
  if (desc.role == TensorRole::kIndex) {
    unit = sizeof(std::int32_t);
  } else if (!IsBuffer(desc.role)) {
    const Format& format = FormatOf(desc.format);
    if (bytes % format.block_weights != 0) {
      refuse(
          fmt::format("rows are not made of {} blocks of {}", format.name, format.block_weights));
    }
    bytes /= format.block_weights;
    unit = format.block_bytes;
  }
  auto multiply = [&](std::uint64_t factor) {
    if (bytes > std::numeric_limits<std::uint64_t>::max() / factor) refuse("its size overflows");
    bytes *= factor;
  };
  multiply(unit);
  for (std::size_t i = 1; i < desc.dims.size(); ++i) {
    multiply(static_cast<std::uint64_t>(desc.dims[i]));
  }
  return bytes;
}

}  // namespace inferometer
