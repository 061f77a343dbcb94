// Files: mapped for reading, replaced atomically for writing.
#ifndef INFEROMETER_HARNESS_BASE_FILE_H_
#define INFEROMETER_HARNESS_BASE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace inferometer {

// A whole file mapped read-only for the life of the object.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path);  // throws Error(kInvalidInput)
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;
  std::span<const std::byte> bytes() const { return {data_, size_}; }
  // Tells the kernel that a range will not be needed again soon, so that its pages can go.
  void Release(std::size_t offset, std::size_t size) const;

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

// A file that appears whole or not at all: written beside `path`, renamed over it by Commit. Gone
// without trace when destroyed before that. Throws Error(kUsage) when the place is not writable.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  void Write(std::span<const std::byte> bytes);
  void Write(std::string_view text) { Write(std::as_bytes(std::span(text.data(), text.size()))); }
  void Commit();

 private:
  std::string path_, temporary_;
  int descriptor_ = -1;
};

// Throws Error(kUsage) unless a file could be written at `path`; leaves nothing behind.
void CheckWritable(const std::string& path);

// The whole text of a small file; throws Error(kInvalidInput).
std::string ReadText(const std::string& path);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_BASE_FILE_H_
