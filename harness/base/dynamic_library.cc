// A shared library opened at run time, so that the program starts where it is missing.
#include "harness/base/dynamic_library.h"

#if defined(_WIN32)
#include <windows.h>
#elif !defined(INFEROMETER_STATIC)
#include <dlfcn.h>
#endif

#include <string_view>

namespace inferometer {
namespace {

struct Attempt {
  void* handle = nullptr;
  std::string why;  // empty: there is no such file
};

#if defined(_WIN32)

Attempt Open(const char* name) {
  void* handle = reinterpret_cast<void*>(LoadLibraryA(name));
  const unsigned long error = handle == nullptr ? GetLastError() : 0;
  if (error == 0 || error == ERROR_MOD_NOT_FOUND) return {handle, ""};
  return {nullptr, "error " + std::to_string(error)};
}

#elif defined(INFEROMETER_STATIC)

// glibc's dlopen in a static program needs the very libraries that it was linked against.
Attempt Open(const char*) { return {nullptr, "this program is linked statically"}; }

#else

// "/folder/libx.so.1: file too short" says whose folder it is; only what follows the name is told.
std::string WithoutFolders(std::string_view message) {
  if (const auto colon = message.find(": "); colon != std::string_view::npos)
    message.remove_prefix(colon + 2);
  std::string text;
  std::size_t word = 0;
  for (const char c : message) {
    if (c == '/') {
      text.resize(word);
      continue;
    }
    text += c;
    if (c == ' ' || c == '(' || c == '\'') word = text.size();
  }
  return text;
}

Attempt Open(const char* name) {
  if (void* handle = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return {handle, ""};
  const char* error = dlerror();
  const std::string message = error == nullptr ? "no reason given" : error;
  // The library itself is missing, not one that it needs.
  if (message.starts_with(name) && message.ends_with("No such file or directory")) return {};
  return {nullptr, WithoutFolders(message)};
}

#endif

std::string BaseName(std::string_view name) {
  return std::string(name.substr(name.find_last_of("/\\") + 1));
}

}  // namespace

DynamicLibrary::DynamicLibrary(std::span<const char* const> names) {
  std::string missing;
  for (const char* name : names) {
    const Attempt attempt = Open(name);
    if (attempt.handle != nullptr) {
      handle_ = attempt.handle;
      name_ = BaseName(name);
      why_not_.clear();
      return;
    }
    if (!attempt.why.empty() && why_not_.empty())
      why_not_ = BaseName(name) + " cannot be loaded: " + attempt.why;
    if (missing.empty()) missing = BaseName(name) + " is not installed";
  }
  if (why_not_.empty()) why_not_ = missing;
}

void* DynamicLibrary::Address([[maybe_unused]] const char* symbol) const {
  if (handle_ == nullptr) return nullptr;
#if defined(_WIN32)
  return reinterpret_cast<void*>(GetProcAddress(reinterpret_cast<HMODULE>(handle_), symbol));
#elif defined(INFEROMETER_STATIC)
  return nullptr;
#else
  return dlsym(handle_, symbol);
#endif
}

}  // namespace inferometer
