// A shared library opened at run time, so that the program starts where it is missing.
#ifndef INFEROMETER_HARNESS_BASE_DYNAMIC_LIBRARY_H_
#define INFEROMETER_HARNESS_BASE_DYNAMIC_LIBRARY_H_

#include <span>
#include <string>

namespace inferometer {

// Stays loaded until the process ends: drivers start threads, and few survive being unloaded.
class DynamicLibrary {
 public:
  // The first of `names` that loads, by the system's own search; a name with a slash is a path.
  explicit DynamicLibrary(std::span<const char* const> names);

  explicit operator bool() const { return handle_ != nullptr; }
  const std::string& name() const { return name_; }  // the one that was opened
  // Why none was opened, without folders: "libvulkan.so.1 is not installed",
  // "libvulkan.so.1 cannot be loaded: file too short".
  const std::string& why_not() const { return why_not_; }

  // The function or object of this name, nullptr when the library has none.
  template <typename Pointer>
  Pointer Find(const char* symbol) const {
    return reinterpret_cast<Pointer>(Address(symbol));
  }

 private:
  void* Address(const char* symbol) const;

  void* handle_ = nullptr;
  std::string name_, why_not_;
};

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_BASE_DYNAMIC_LIBRARY_H_
