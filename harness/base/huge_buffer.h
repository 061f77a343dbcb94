// Memory for weights and caches: zeroed, aligned to huge pages, which the system is asked for; and
// for probes, in pages of a given size.
#ifndef INFEROMETER_HARNESS_BASE_HUGE_BUFFER_H_
#define INFEROMETER_HARNESS_BASE_HUGE_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <utility>

namespace inferometer {

// How memory is asked for. Untouched memory reads as zero, but has no place of its own yet: whoever
// writes it first has it near, and pays for the pages.
struct PageWish {
  bool huge = true, touch = true;
};

class HugeBuffer {
 public:
  HugeBuffer() = default;
  // Throws Error(kRunFailed) when the system has no such memory.
  explicit HugeBuffer(std::size_t size, PageWish wish = {});
  ~HugeBuffer();
  HugeBuffer(HugeBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        mapped_(std::exchange(other.mapped_, 0)) {}
  HugeBuffer& operator=(HugeBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(mapped_, other.mapped_);
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
  std::size_t mapped_ = 0;  // bytes of a mapping of its own; 0: from the heap
};

// The smallest page of this system, and the page that a HugeBuffer gets here: the same where the
// system gives no huge ones. Found by looking at one, once.
std::size_t SmallPageBytes();
std::size_t HugePageBytes();

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_BASE_HUGE_BUFFER_H_
