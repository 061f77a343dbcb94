// Finds shaders by name.
#include "backends/vulkan/shaders.h"

#include <algorithm>

#include "backends/vulkan/shaders/interface.h"

namespace inferometer::vulkan {

static_assert(sizeof(MatMulPush) <= kPushBytes && sizeof(RopePush) <= kPushBytes &&
              sizeof(AttendPush) <= kPushBytes);

const Shader* FindShader(std::string_view name) {
  const auto shaders = Shaders();
  const auto it = std::find_if(shaders.begin(), shaders.end(),
                               [name](const Shader& shader) { return shader.name == name; });
  return it == shaders.end() ? nullptr : &*it;
}

std::uint32_t MostBindings() {
  int most = 0;
  for (const Shader& shader : Shaders()) most = std::max(most, shader.bindings);
  return static_cast<std::uint32_t>(most);
}

}  // namespace inferometer::vulkan
