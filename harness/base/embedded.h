// Text files compiled into the binary by inferometer_embed() (see embed.cmake).
#ifndef INFEROMETER_HARNESS_BASE_EMBEDDED_H_
#define INFEROMETER_HARNESS_BASE_EMBEDDED_H_

#include <span>
#include <string_view>

namespace inferometer {

struct EmbeddedFile {
  std::string_view name;  // file name without folder
  std::string_view text;
};

std::span<const EmbeddedFile> CatalogFiles();   // models/catalog/*.json
std::span<const EmbeddedFile> OpenClKernels();  // backends/opencl/kernels/*.cl
std::span<const EmbeddedFile> SchemaFiles();    // results/schema/*.json, results/reference.json

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_BASE_EMBEDDED_H_
