// Prints what Mesa's RADV makes of every hot pipeline for the AMD family that RADV_FORCE_FAMILY
// names, no such GPU being needed: one line of comma-separated values each. For ci/gpu_isa.py.
// `gpu_isa assembly SHADER CONSTANT...` prints the machine code of one pipeline.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <regex>

#include "models/shape.h"
#include "tests/backends/vulkan/driver.h"
#include "tests/backends/vulkan/isa_device.h"
#include "tests/backends/vulkan/lowered.h"
#include "tests/backends/vulkan/spirv.h"

namespace inferometer::vulkan {
namespace {

constexpr int kSkipped = 77;
constexpr std::uint32_t kDotProduct = 6019;  // SPIR-V's capability

// Proportions of small published models, in sizes that are laid out at once; one layer, since all
// are alike.
std::vector<ModelShape> Shapes() {
  ModelShape dense;
  dense.name = "dense";
  dense.family = "qwen3";
  dense.layers = 1;
  dense.width = 1024;
  dense.heads = 8;
  dense.kv_heads = 2;
  dense.head_dim = 128;
  dense.feed_forward = 1024;
  dense.vocab = 512;
  dense.context = 512;
  dense.rope_dim = 128;
  dense.qk_norm = true;
  dense.tied_head = true;
  ModelShape experts = dense;
  experts.name = "experts";
  experts.family = "qwen3moe";
  experts.tied_head = false;
  experts.experts = 8;
  experts.experts_used = 2;
  return {dense, experts};
}

std::vector<PlanCase> HotPlans() {
  std::vector<PlanCase> plans;
  for (const ModelShape& shape : Shapes()) {
    for (const gpu::PlaneFormat& format : gpu::PlaneFormats()) {
      const std::string quant(FormatOf(format.format).name);
      if (shape.experts > 0 && quant != "q4_k" && quant != "q8_0") continue;
      plans.push_back(PlanOf(shape, quant, 64, 32));
      if (quant == "q4_k") plans.push_back(PlanOf(shape, quant, 64, 32, QuantId::kQ8_0));
    }
  }
  plans.push_back({"int8 peak",
                   {},
                   {ComputeProbe{.type = NumberType::kInt8, .operations = 1 << 20}},
                   [](const Capabilities& can) { return can.dot; }});
  return plans;
}

// "decode", "prefill" or what lies between.
std::string StepOf(std::int64_t tokens) {
  if (tokens == 1) return "decode";
  return tokens == kManyRows ? "prefill" : fmt::format("{} tokens", tokens);
}

std::size_t Count(const std::string& text, const char* pattern) {
  const std::regex regex(pattern);
  return static_cast<std::size_t>(
      std::distance(std::sregex_iterator(text.begin(), text.end(), regex), {}));
}

int Assembly(const IsaDevice& device, int argc, char** argv) {
  PipelineKey key{argv[2], {}};
  for (int i = 3; i < argc; ++i) {
    key.constants.push_back(static_cast<std::uint32_t>(std::strtoul(argv[i], nullptr, 10)));
  }
  const MachineCode code = device.Compile(key);
  std::fputs(code.assembly.c_str(), stdout);
  for (const auto& [name, value] : code.statistics) fmt::print("; {}: {}\n", name, value);
  return 0;
}

int Run(int argc, char** argv) {
  if (Shaders().empty()) {
    std::puts("skipped: this build has no shaders, since glslc was missing");
    return kSkipped;
  }
  const auto lavapipe = LavapipeManifest(), radv = RadvManifest();
  if (lavapipe.empty() || radv.empty()) {
    std::puts("skipped: Mesa's drivers are not installed (package mesa-vulkan-drivers)");
    return kSkipped;
  }
  ScopedEnvironment environment;
  environment.Set("RADV_DEBUG", "nocache");
  UseDriver(environment, radv);
  std::unique_ptr<IsaDevice> device;
  try {
    device = std::make_unique<IsaDevice>();
  } catch (const std::exception& error) {
    fmt::print("skipped: RADV compiles for no GPU that is not there: {}\n", error.what());
    return kSkipped;
  }
  if (argc > 2 && std::string_view(argv[1]) == "assembly") return Assembly(*device, argc, argv);

  UseDriver(environment, lavapipe);  // plans are laid out in its memory
  std::string why_not;
  const OpenGpu place = OpenFirstGpu(why_not);
  if (!place.gpu) {
    fmt::print("skipped: plans need a device to be laid out on: {}\n", why_not);
    return kSkipped;
  }
  std::map<PipelineKey, std::int64_t> steps;  // the fewest tokens that it serves
  for (const PlanCase& plan : HotPlans()) {
    for (const LoweredClass& lowered : LowerPlan(*place.gpu, device->can(), plan)) {
      for (const Dispatch& dispatch : lowered.dispatches) {
        std::int64_t& tokens = steps.try_emplace(dispatch.pipeline, kManyRows).first->second;
        tokens = std::min(tokens, lowered.rows.tokens);
      }
    }
  }
  fmt::print("driver,{}\ndevice,{}\ndot_accelerated,{:d}\n", device->can().driver,
             device->can().name, device->can().dot_accelerated);
  std::puts("pipeline,step,vgprs,sgprs,spilled,scratch,lds,waves,instructions,cost,wants_dot,dots");
  for (const auto& [key, tokens] : steps) {
    const MachineCode code = device->Compile(key);
    const auto value = [&](const char* name) {
      const auto it = code.statistics.find(name);
      if (it == code.statistics.end()) {
        throw std::runtime_error(fmt::format("RADV tells no '{}'", name));
      }
      return it->second;
    };
    const bool wants_dot =
        ReadSpirv(FindShader(key.shader)->words, key.constants).capabilities.contains(kDotProduct);
    fmt::print("{},{},{},{},{},{},{},{},{},{},{:d},{}\n", TextOf(key), StepOf(tokens),
               value("VGPRs"), value("SGPRs"), value("Spilled VGPRs") + value("Spilled SGPRs"),
               value("Scratch size"), value("LDS size"), value("Subgroups per SIMD"),
               value("Instructions"), value("Inverse Throughput"), wants_dot,
               Count(code.assembly, "v_dot4[a-z0-9_]*"));
  }
  return 0;
}

}  // namespace
}  // namespace inferometer::vulkan

int main(int argc, char** argv) {
  try {
    return inferometer::vulkan::Run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gpu_isa: %s\n", error.what());
    return 1;
  }
}
