// Every permutation of the shader library is valid SPIR-V, and every pipeline that the backend
// makes of them keeps to the limits of the smallest devices.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "backends/gpu/planes.h"
#include "backends/vulkan/shaders/interface.h"
#include "tests/backends/vulkan/driver.h"
#include "tests/backends/vulkan/lowered.h"
#include "tests/backends/vulkan/spirv.h"
#include "tests/harness/cli/program.h"

namespace inferometer::vulkan {
namespace {

// The environment whose rules a module of this SPIR-V version follows.
std::string EnvironmentOf(std::uint32_t version) {
  if (version <= 0x00010300) return "vulkan1.1";
  return version <= 0x00010500 ? "vulkan1.2" : "vulkan1.3";
}

TEST(ShaderLibrary, IsValidSpirv) {
  if (Shaders().empty()) GTEST_SKIP() << "this build has no shaders: glslc was missing";
  if (std::system("spirv-val --version >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "spirv-val is not installed (package spirv-tools)";
  }
  const TemporaryFolder folder;
  const auto module = folder / "module.spv", log = folder / "log";
  const auto validate = [&](std::span<const std::uint32_t> words) {
    std::ofstream(module, std::ios::binary)
        .write(reinterpret_cast<const char*>(words.data()),
               static_cast<std::streamsize>(words.size_bytes()));
    const std::string command =
        "spirv-val --target-env " + EnvironmentOf(words[1]) + " " + module + " >" + log + " 2>&1";
    return std::system(command.c_str());
  };
  const Shader* matrix = FindShader("probe_matrix");
  const bool knows_matrices = matrix == nullptr || validate(matrix->words) == 0 ||
                              ReadText(log).find("Invalid capability") == std::string::npos;
  for (const Shader& shader : Shaders()) {
    ASSERT_GT(shader.words.size(), 5u) << shader.name;
    if (shader.matrix && !knows_matrices) continue;
    EXPECT_EQ(validate(shader.words), 0) << shader.name << ": " << ReadText(log);
  }
  // The validator finds what is wrong: here a module that ends in the middle of a function.
  const auto words = Shaders().front().words;
  EXPECT_NE(validate(words.first(words.size() - 4)), 0);
  if (!knows_matrices) {
    GTEST_SKIP()
        << "all but the shaders of cooperative matrices, which this spirv-val is too old for";
  }
}

// Permutations for devices without any feature are those that declare none.
bool IsBaseline(const SpirvNeeds& needs) {
  return needs.capabilities == std::set<std::uint32_t>{kShader};
}

// Devices that differ in what decides the choice of shaders and constants.
std::vector<Capabilities> Devices() {
  std::vector<Capabilities> devices = {SmallestDevice()};
  for (const std::uint32_t workgroup : {32u, 128u}) {
    devices.push_back(SmallestDevice());
    devices.back().workgroup = workgroup;
  }
  for (const bool dot : {false, true}) {
    for (const std::uint32_t subgroup : {1u, 4u, 8u, 16u, 32u, 64u, 128u}) {  // 1: none
      Capabilities& can = devices.emplace_back(SmallestDevice());
      can.subgroup = subgroup > 1;
      can.fp16 = can.dot = true;
      can.dot_accelerated = dot;
      can.subgroup_size = subgroup;
      can.workgroup = subgroup > 1 ? std::clamp(subgroup, 8u, 64u) : 64u;
    }
  }
  for (const bool fp16 : {false, true}) {  // a driver that computes on the processor
    Capabilities& can = devices.emplace_back(SmallestDevice());
    can.software = can.subgroup = can.lanes = true;
    can.subgroup_size = can.workgroup = 8;
    can.fp16 = fp16;
  }
  if (!WhyNoMatrixShaders().empty()) return devices;
  // Sizes that drivers list: NVIDIA's and AMD's, two of Intel's, lavapipe's.
  for (const MatrixUnit& unit :
       {MatrixUnit{16, 16, 16, 32}, MatrixUnit{16, 16, 16, 64}, MatrixUnit{8, 16, 16, 16},
        MatrixUnit{8, 8, 16, 32}, MatrixUnit{8, 8, 8, 8}}) {
    Capabilities& can = devices.emplace_back(SmallestDevice());
    can.subgroup = can.fp16 = can.matrix = true;
    can.subgroup_size = unit.lanes;
    can.matrix_unit = unit;
  }
  return devices;
}

// Every pipeline of every plan on every such device, lowered once for all tests.
class EveryPipeline : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (Shaders().empty()) {
      why_not = "this build has no shaders: glslc was missing";
      return;
    }
    const OpenGpu open = OpenFirstGpu(why_not);
    if (!open.gpu) return;
    const std::vector<Capabilities> devices = Devices();
    for (const PlanCase& plan : AllPlans()) {
      for (std::size_t d = 0; d < devices.size(); ++d) {
        for (const LoweredClass& lowered : LowerPlan(*open.gpu, devices[d], plan)) {
          for (const Dispatch& dispatch : lowered.dispatches) {
            Use& use = uses[dispatch.pipeline];
            use.baseline |= d == 0;
            use.bindings = dispatch.bindings.size();
            use.texels = dispatch.texels.size();
            use.plan = plan.name;
          }
        }
      }
    }
  }
  void SetUp() override {
    if (uses.empty()) GTEST_SKIP() << "plans need a Vulkan device to be laid out on: " << why_not;
  }

  struct Use {
    bool baseline = false;                 // the smallest device would use it
    std::size_t bindings = 0, texels = 0;  // that the host binds
    std::string plan;                      // one that has it
  };
  // f(key, use, needs) for each pipeline.
  template <typename F>
  static void ForEach(F&& f) {
    for (const auto& [key, use] : uses) {
      SCOPED_TRACE(key.shader + " " + testing::PrintToString(key.constants) + " of " + use.plan);
      const Shader* shader = FindShader(key.shader);
      ASSERT_NE(shader, nullptr);
      f(*shader, use, ReadSpirv(shader->words, key.constants));
    }
  }

  static inline std::map<PipelineKey, Use> uses;
  static inline std::string why_not;
};

TEST_F(EveryPipeline, KeepsToTheLimitsOfTheSmallestDevices) {
  const Capabilities least = SmallestDevice();
  std::uint64_t most_shared = 0;
  int baseline = 0;
  ForEach([&](const Shader&, const Use& use, const SpirvNeeds& needs) {
    const auto& size = needs.workgroup;
    EXPECT_LE(size[0] * size[1] * size[2], least.most_invocations);
    EXPECT_LE(needs.shared_bytes, least.shared_bytes);
    EXPECT_LE(needs.push_bytes, least.push_bytes);
    for (const auto& [set, binding] : needs.bindings) EXPECT_LT(set, 4u) << "binding " << binding;
    if (use.baseline) {
      EXPECT_TRUE(IsBaseline(needs)) << "a device without features would be given this";
      EXPECT_EQ(EnvironmentOf(needs.version), "vulkan1.1");
    }
    baseline += use.baseline ? 1 : 0;
    most_shared = std::max(most_shared, needs.shared_bytes);
  });
  std::printf(
      "%zu pipelines, %d of them for devices without any feature; at most %llu bytes shared\n",
      uses.size(), baseline, static_cast<unsigned long long>(most_shared));
  EXPECT_GT(baseline, 50);
}

TEST_F(EveryPipeline, BindsWhatItsShaderReads) {
  ForEach([](const Shader& shader, const Use& use, const SpirvNeeds& needs) {
    EXPECT_EQ(use.bindings, static_cast<std::size_t>(shader.bindings));
    EXPECT_EQ(use.texels, static_cast<std::size_t>(shader.texels));
    EXPECT_LE(needs.push_bytes, kPushBytes);
    for (const auto& [set, binding] : needs.bindings) {
      EXPECT_EQ(set, 0u);
      EXPECT_LT(binding, static_cast<std::uint32_t>(shader.bindings + shader.texels));
    }
  });
}

TEST_F(EveryPipeline, TogetherUseEveryShader) {
  std::set<std::string> used;
  for (const auto& [key, use] : uses) used.insert(key.shader);
  for (const Shader& shader : Shaders()) {
    EXPECT_TRUE(used.contains(std::string(shader.name))) << shader.name << " is used by no plan";
  }
}

// A device that sees 128 MiB at once gets large matrices in parts.
TEST(SmallestDevices, GetMatricesInPartsThatTheySee) {
  const std::uint64_t range = SmallestDevice().most_range;
  for (const gpu::PlaneFormat& format : gpu::PlaneFormats()) {
    const auto layout = gpu::LayoutMatrix(format.format, 8192, 152064, range);
    EXPECT_GT(layout.parts.size(), 1u);
    std::int64_t rows = 0;
    for (const gpu::MatrixPart& part : layout.parts) {
      EXPECT_LE(part.bytes, range);
      EXPECT_EQ(part.first_row, rows);
      rows += part.rows;
    }
    EXPECT_EQ(rows, 152064);
  }
}

TEST(Spirv, IsReadWithItsConstants) {
  const Shader* matvec = FindShader("matvec.q4_k.shared");
  if (matvec == nullptr) GTEST_SKIP() << "this build has no shaders: glslc was missing";
  const SpirvNeeds small = ReadSpirv(matvec->words, std::vector<std::uint32_t>{32});
  const SpirvNeeds large = ReadSpirv(matvec->words, std::vector<std::uint32_t>{128});
  EXPECT_EQ(small.workgroup[0], 32u);
  EXPECT_EQ(large.workgroup[0], 128u);
  EXPECT_EQ(small.shared_bytes, 4 * 32u);
  EXPECT_EQ(large.shared_bytes, 4 * 128u);
  EXPECT_EQ(small.push_bytes, sizeof(MatMulPush));
  EXPECT_TRUE(small.bindings.contains({0, 7}));
  EXPECT_TRUE(IsBaseline(small));
  const std::vector<std::uint32_t> none = {1, 2, 3, 4, 5, 6};
  EXPECT_THROW(ReadSpirv(none, {}), std::runtime_error);
}

}  // namespace
}  // namespace inferometer::vulkan
