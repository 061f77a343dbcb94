// The child's side: asks one API and answers as JSON on a pipe.
#include "probes/gpu_driver.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <exception>

#include "harness/base/child_process.h"
#include "probes/gpu_question.h"

namespace inferometer {

std::string HexOf(const unsigned char* bytes, std::size_t size) {
  std::string text;
  bool any = false;
  for (std::size_t i = 0; i < size; ++i) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", bytes[i]);
    text += two;
    any |= bytes[i] != 0;
  }
  return any ? text : "";
}

std::string PciId(std::uint32_t id) {
  char text[16];
  std::snprintf(text, sizeof text, "%04x", id);
  return text;
}

std::string PciAddress(std::uint32_t domain, std::uint32_t bus, std::uint32_t device,
                       std::uint32_t function) {
  char text[64];
  std::snprintf(text, sizeof text, "%04x:%02x:%02x.%x", domain, bus, device, function);
  return text;
}

bool IsSoftwareName(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const char* mark :
       {"llvmpipe", "lavapipe", "swiftshader", "softpipe", "basic render driver", "oclgrind"}) {
    if (lower.find(mark) != std::string::npos) return true;
  }
  return false;
}

std::optional<int> AnswerGpuQuestion(int argc, const char* const* argv) {
  if (argc != 3 || std::string_view(argv[1]) != kGpuQuestion) return std::nullopt;
  const std::string_view api = argv[2];
  const int descriptor = TakeStdout();
  try {
    const nlohmann::json answer = api == "vulkan" ? DescribeVulkan() : DescribeOpenCl();
    AnswerAndExit(descriptor,
                  answer.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  } catch (const std::exception&) {
    return 1;  // the parent says that there was no answer
  }
}

}  // namespace inferometer
