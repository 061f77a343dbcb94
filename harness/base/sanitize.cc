// What programs built with the address sanitizer tell it about the GPU drivers that they load.

#include <cstdlib>

namespace {

// Intel's OpenCL driver opens a library with RTLD_DEEPBIND, at which the sanitizer ends the program
// (github.com/google/sanitizers/issues/611). Of OpenCL's drivers only PoCL is loaded, unless
// somebody names others.
[[gnu::constructor]] void LeaveIntelsDriverOut() {
  setenv("OCL_ICD_VENDORS", "/etc/OpenCL/vendors/pocl.icd", 0);
}

}  // namespace

// Names that the sanitizer asks for: NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {

// LLVM, which PoCL and lavapipe compile with, brings a signal stack of its own to their threads;
// the sanitizer would take it for its own and unmap it when the thread ends.
const char* __asan_default_options() { return "use_sigaltstack=0"; }

// What drivers never give back.
const char* __lsan_default_suppressions() {
  return "leak:libLLVM\nleak:libclang\nleak:libpocl\nleak:libOpenCL\nleak:libvulkan\nleak:libVk\n";
}

// A driver stays where it is, so that what it leaked still has the name of its library.
int dlclose(void*) { return 0; }
}
// NOLINTEND(bugprone-reserved-identifier)
