// Memory for weights and caches: zeroed, aligned to huge pages, which the system is asked for.
#ifndef INFEROMETER_HARNESS_BASE_HUGE_BUFFER_H_
#define INFEROMETER_HARNESS_BASE_HUGE_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <utility>

namespace inferometer {

class HugeBuffer {
 public:
  HugeBuffer() = default;
  // Throws Error(kRunFailed) when the system has no such memory.
  explicit HugeBuffer(std::size_t size);
  ~HugeBuffer();
  HugeBuffer(HugeBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  HugeBuffer& operator=(HugeBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }
  template <typename T>
  T* As() const {
    return reinterpret_cast<T*>(data_);
  }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_BASE_HUGE_BUFFER_H_
