// The processor: its name, design, cores by kind, caches, instruction sets, and what of it is ours.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "harness/base/cpu_features.h"
#include "probes/cgroup.h"
#include "probes/cpu_clock.h"
#include "probes/cpu_names.h"
#include "probes/facts.h"
#include "probes/list.h"
#include "probes/topology.h"

namespace inferometer {
namespace {

const std::string kCpuinfo = "/proc/cpuinfo";
const std::string kSysCpu = "/sys/devices/system/cpu/";

// Names as Linux spells them (arch/x86/include/asm/cpufeatures.h, arch/arm64/kernel/cpuinfo.c) of
// the instruction sets that inference kernels choose between.
constexpr std::string_view kIsa[] = {
    "sse4_2", "avx", "f16c", "fma", "avx2", "bmi2", "avx_vnni", "avx_vnni_int8", "avx_ne_convert",
    "avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512vbmi", "avx512_vnni", "avx512_bf16",
    "avx512_fp16", "amx_tile", "amx_int8", "amx_bf16", "amx_fp16", "avx10",
    // Arm
    "neon", "vfpv4", "asimd", "fphp", "asimdhp", "asimddp", "asimdfhm", "i8mm", "bf16", "sve",
    "svei8mm", "svebf16", "sve2", "sme", "sme2"};

struct ArmCore {
  int implementer = -1, part = -1;
};

// Each processor's block of "key : value" lines.
std::map<int, ArmCore> ArmCores(const std::string& cpuinfo) {
  std::map<int, ArmCore> cores;
  ArmCore* core = nullptr;
  const auto hex = [](std::string_view text) {
    if (text.starts_with("0x")) text.remove_prefix(2);
    int value = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    return error == std::errc() && end == text.data() + text.size() ? value : -1;
  };
  for (const std::string& line : SplitLines(cpuinfo)) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string_view key = Trim(std::string_view(line).substr(0, colon));
    const std::string_view value = Trim(std::string_view(line).substr(colon + 1));
    if (key == "processor") {
      const auto number = ParseInteger(value);
      core = number && *number >= 0 && *number < 8192 ? &cores[static_cast<int>(*number)] : nullptr;
    } else if (core != nullptr && key == "CPU implementer") {
      core->implementer = hex(value);
    } else if (core != nullptr && key == "CPU part") {
      core->part = hex(value);
    }
  }
  return cores;
}

std::string PartName(const ArmCore& core) {
  return std::string(ArmPart(core.implementer, core.part));
}

// "1x Cortex-X2 + 3x Cortex-A710 + 4x Cortex-A510", fastest first; empty when a part is unknown.
std::string ArmName(const std::vector<CoreKind>& kinds, const std::map<int, ArmCore>& cores) {
  std::string name;
  for (const CoreKind& kind : kinds) {
    const auto core = kind.cpus.empty() ? cores.end() : cores.find(kind.cpus.front());
    const std::string part = core == cores.end() ? "" : PartName(core->second);
    if (part.empty()) return "";
    name += (name.empty() ? "" : " + ") + std::to_string(kind.cores) + "x " + part;
  }
  return name;
}

void AddIdentity(const Reading& cpuinfo, const Topology& topology,
                 const std::map<int, ArmCore>& arm, Facts* facts) {
  const std::string text = cpuinfo.text.value_or("");
  const std::string why = cpuinfo ? "not told" : cpuinfo.reason;
  const bool is_arm = !arm.empty() && arm.begin()->second.implementer >= 0;
  auto name = Field(text, "model name");
  if (is_arm) {
    const std::string cores = ArmName(topology.kinds, arm);
    if (!cores.empty()) name = cores;
  }
  if (name && !name->empty()) {
    facts->Add("name", *name, "", kCpuinfo + (is_arm ? ", MIDR tables" : ""));
  } else {
    facts->Missing("name", "", kCpuinfo, why);
  }
  const auto vendor =
      is_arm ? std::optional(std::string(ArmImplementer(arm.begin()->second.implementer)))
             : Field(text, "vendor_id");
  if (vendor && !vendor->empty()) {
    facts->Add("vendor", *vendor, "", kCpuinfo);
  } else {
    facts->Missing("vendor", "", kCpuinfo, why);
  }
  if (is_arm) {
    const std::string cores = ArmName(topology.kinds, arm);
    if (!cores.empty()) {
      facts->Add("microarchitecture", cores, "", kCpuinfo + ", MIDR tables");
    } else {
      facts->Missing("microarchitecture", "", kCpuinfo, "a core's part number is not in the table");
    }
    return;
  }
  const auto number = [&](std::string_view key) {
    return ParseInteger(Field(text, key).value_or("")).value_or(-1);
  };
  const auto family = number("cpu family"), model = number("model"), stepping = number("stepping");
  const std::string id = "family " + std::to_string(family) + " model " + std::to_string(model);
  if (family < 0 || model < 0) {
    facts->Missing("microarchitecture", "", kCpuinfo, why);
  } else if (const auto design =
                 X86Microarchitecture(vendor.value_or(""), static_cast<int>(family),
                                      static_cast<int>(model), static_cast<int>(stepping));
             !design.empty()) {
    const std::string flags = Field(text, "flags").value_or("");
    const auto words = SplitWords(flags);
    if (!X86HasTiles(design) && std::find(words.begin(), words.end(), "amx_tile") != words.end()) {
      facts->Missing(
          "microarchitecture", "", kCpuinfo,
          id + " is " + std::string(design) +
              ", which has no AMX, and this processor has: a hypervisor hides its model");
    } else {
      facts->Add("microarchitecture", std::string(design), "", kCpuinfo + ", " + id);
    }
  } else {
    facts->Missing("microarchitecture", "", kCpuinfo, id + " is not in the table");
  }
}

void AddIsa(const Reading& cpuinfo, Facts* facts) {
  std::optional<std::string> flags;
  if (cpuinfo) flags = Field(*cpuinfo.text, "flags");
  if (cpuinfo && !flags) flags = Field(*cpuinfo.text, "Features");
  if (!flags) {
    facts->Missing("isa", "", kCpuinfo, cpuinfo ? "not told" : cpuinfo.reason);
    return;
  }
  const auto words = SplitWords(*flags);
  nlohmann::json isa = nlohmann::json::array();
  for (const std::string_view name : kIsa) {
    if (std::find(words.begin(), words.end(), name) != words.end()) isa.push_back(name);
  }
  facts->Add("isa", std::move(isa), "", kCpuinfo);
}

// What kernels may use: the processor has it and the operating system saves its registers.
void AddUsableIsa(const Reader& reader, Facts* facts) {
  const Reading names = reader.Ask("isa_usable", [] {
    std::string text;
    for (const std::string& name : NamesOf(ReadCpuFeatures()))
      text += (text.empty() ? "" : " ") + name;
    return text.empty() ? "none" : text;
  });
  if (names) {
    facts->Add("isa_usable",
               *names.text == "none" ? std::vector<std::string>() : SplitWords(*names.text), "",
               "cpuid, hwcaps");
  } else {
    facts->Missing("isa_usable", "", "cpuid, hwcaps", "asked of a live machine only");
  }
}

void AddTopology(const Reader& reader, const Topology& topology, const std::map<int, ArmCore>& arm,
                 Facts* facts) {
  if (topology.source.empty()) {
    for (const char* key :
         {"packages", "cores", "threads", "threads_per_core", "kinds", "caches", "numa"}) {
      facts->Missing(key, "", "sysfs", topology.reason);
    }
    return;
  }
  const std::string& source = topology.source;
  facts->Add("packages", topology.packages, "", source);
  facts->Add("cores", topology.cores.size(), "", source);
  facts->Add("threads", topology.cpus.size(), "", source);
  nlohmann::json kinds = nlohmann::json::array();
  int widest = 0;
  for (const CoreKind& kind : topology.kinds) {
    nlohmann::json row = {
        {"name", kind.name.empty() ? nlohmann::json("uniform") : nlohmann::json(kind.name)},
        {"cores", kind.cores},
        {"threads", kind.cpus.size()},
        {"cpus", FormatCpuList(kind.cpus)}};
    if (kind.cores > 0) widest = std::max(widest, static_cast<int>(kind.cpus.size()) / kind.cores);
    const auto core = kind.cpus.empty() ? arm.end() : arm.find(kind.cpus.front());
    const std::string part = core == arm.end() ? "" : PartName(core->second);
    row["design"] = part.empty() ? nlohmann::json(nullptr) : nlohmann::json(part);
    row["capacity"] = kind.capacity > 0 ? nlohmann::json(kind.capacity) : nlohmann::json(nullptr);
    const auto max_khz = LargestOfCpus(reader, kind.cpus, "cpufreq/cpuinfo_max_freq");
    row["max_clock_hz"] = max_khz ? nlohmann::json(*max_khz * 1000) : nlohmann::json(nullptr);
    kinds.push_back(std::move(row));
  }
  if (widest > 0) {
    facts->Add("threads_per_core", widest, "", source);
  } else {
    facts->Missing("threads_per_core", "", source, "no core is told");
  }
  facts->Add("kinds", std::move(kinds), "", source);
  nlohmann::json caches = nlohmann::json::array();
  for (const CacheLevel& cache : topology.caches) {
    caches.push_back({{"level", cache.level},
                      {"type", cache.type},
                      {"size_bytes", cache.size_bytes},
                      {"line_bytes", cache.line_bytes > 0 ? nlohmann::json(cache.line_bytes)
                                                          : nlohmann::json(nullptr)},
                      {"shared_by_threads", cache.threads},
                      {"count", cache.count}});
  }
  if (caches.empty()) {
    facts->Missing("caches", "", source, "the system tells no cache sizes");
  } else {
    facts->Add("caches", std::move(caches), "", source);
  }
  nlohmann::json nodes = nlohmann::json::array();
  for (const MemoryNode& node : topology.nodes) {
    nodes.push_back({{"node", node.id},
                     {"cpus", FormatCpuList(node.cpus)},
                     {"size_bytes", node.size_bytes > 0 ? nlohmann::json(node.size_bytes)
                                                        : nlohmann::json(nullptr)}});
  }
  if (nodes.empty()) {
    facts->Missing("numa", "", source, "the kernel has no NUMA nodes");
  } else {
    facts->Add("numa", std::move(nodes), "", source);
  }
}

// How many of the processors this process may use: affinity and cpuset, then the time quota.
void AddUsable(const Reader& reader, const Topology& topology, Facts* facts) {
  const Reading status = reader.Text("/proc/self/status");
  const auto list = status ? Field(*status.text, "Cpus_allowed_list") : std::nullopt;
  const auto allowed = list ? ParseCpuList(*list) : std::nullopt;
  std::vector<int> usable;
  if (allowed) {
    std::set_intersection(allowed->begin(), allowed->end(), topology.cpus.begin(),
                          topology.cpus.end(), std::back_inserter(usable));
  }
  const CgroupLimit quota = CgroupCpuQuota(reader);
  if (usable.empty()) {
    const std::string reason = allowed  ? "no processor that is online is allowed"
                               : status ? "not told"
                                        : status.reason;
    facts->Missing("usable.threads", "", "/proc/self/status", reason);
    facts->Missing("usable.list", "", "/proc/self/status", reason);
  } else {
    facts->Add("usable.threads", usable.size(), "", "/proc/self/status");
    facts->Add("usable.list", FormatCpuList(usable), "", "/proc/self/status");
  }
  if (quota.value) {
    facts->Add("usable.quota", *quota.value, "CPUs", quota.source);
  } else {
    facts->Missing("usable.quota", "CPUs", quota.source, "no control group limits processor time");
  }
  const double threads = static_cast<double>(usable.empty() ? topology.cpus.size() : usable.size());
  if (threads > 0) {
    const double cpus =
        quota.value ? std::min(threads, std::max(1.0, std::ceil(*quota.value))) : threads;
    facts->Add("usable.cpus", static_cast<int>(cpus), "",
               quota.value && cpus < threads ? quota.source : "/proc/self/status");
  } else {
    facts->Missing("usable.cpus", "", "/proc/self/status", topology.reason);
  }
}

}  // namespace

std::vector<Fact> ReadCpu(const SystemRoot& root) {
  const Reader reader(root);
  const Reading cpuinfo = reader.Text(kCpuinfo, Reader::kLargeFile);
  const Topology topology = ReadTopology(reader);
  const auto arm = ArmCores(cpuinfo.text.value_or(""));
  Facts facts;
  AddIdentity(cpuinfo, topology, arm, &facts);
  if (const auto soc = Field(cpuinfo.text.value_or(""), "Hardware")) {
    facts.Add("soc", *soc, "", kCpuinfo);
  } else {
    facts.Missing("soc", "", kCpuinfo, "only some Arm kernels tell it");
  }
  AddTopology(reader, topology, arm, &facts);
  AddUsable(reader, topology, &facts);
  AddIsa(cpuinfo, &facts);
  AddUsableIsa(reader, &facts);
  AddClocks(reader, cpuinfo, topology.cpus, &facts);
  return facts.Take();
}

}  // namespace inferometer
