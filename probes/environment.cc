// What else is here: a hypervisor, a container, other work on the same processors.
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include <algorithm>
#include <charconv>
#include <cstring>

#include "probes/environment.h"
#include "probes/facts.h"
#include "probes/list.h"

namespace inferometer {
namespace {

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

struct Sign {
  std::string_view mark, name;
};

// What hypervisors call themselves in CPUID leaf 0x40000000 (Linux arch/x86/kernel/cpu/).
constexpr Sign kCpuid[] = {
    {"KVMKVMKVM", "kvm"},        {"Microsoft Hv", "hyper-v"}, {"VMwareVMware", "vmware"},
    {"XenVMMXenVMM", "xen"},     {"TCGTCGTCGTCG", "qemu"},    {"VBoxVBoxVBox", "virtualbox"},
    {"bhyve bhyve", "bhyve"},    {"ACRNACRNACRN", "acrn"},    {" lrpepyh vr", "parallels"},
    {"prl hyperv", "parallels"}, {"QNXQVMBSQG", "qnx"}};

// What they put into DMI (systemd's src/basic/virt.c lists the same vendors).
constexpr Sign kDmi[] = {{"QEMU", "kvm"},
                         {"KVM", "kvm"},
                         {"OpenStack", "kvm"},
                         {"Amazon EC2", "kvm"},
                         {"Google Compute Engine", "kvm"},
                         {"VMware", "vmware"},
                         {"VirtualBox", "virtualbox"},
                         {"innotek GmbH", "virtualbox"},
                         {"Xen", "xen"},
                         {"Bochs", "bochs"},
                         {"Parallels", "parallels"},
                         {"BHYVE", "bhyve"},
                         {"Virtual Machine", "hyper-v"},
                         {"Apple Virtualization", "apple"}};

std::string HypervisorOfCpuid() {
#if defined(__x86_64__) || defined(__i386__)
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0 || (ecx & (1u << 31)) == 0) return "none";
  __cpuid(0x40000000u, eax, ebx, ecx, edx);
  char name[13] = "";
  std::memcpy(name, &ebx, 4);
  std::memcpy(name + 4, &ecx, 4);
  std::memcpy(name + 8, &edx, 4);
  std::string text;
  for (const char* c = name; *c >= ' ' && *c < 0x7f; ++c) text += *c;
  return text.empty() ? "unnamed" : text;
#else
  return "";
#endif
}

// "0.61 0.15 0.09 7/108 9400"
void AddLoad(const Reader& reader, Facts* facts) {
  const std::string file = "/proc/loadavg";
  const Reading reading = reader.Text(file);
  const auto words = reading ? SplitWords(*reading.text) : std::vector<std::string>();
  constexpr const char* kKeys[] = {"load.1min", "load.5min", "load.15min"};
  for (std::size_t i = 0; i < 3; ++i) {
    double value = -1;
    if (words.size() >= 4)
      std::from_chars(words[i].data(), words[i].data() + words[i].size(), value);
    if (value >= 0) {
      facts->Add(kKeys[i], value, "runnable threads", file);
    } else {
      facts->Missing(kKeys[i], "runnable threads", file, reading ? "malformed" : reading.reason);
    }
  }
  const auto running =
      words.size() >= 4 ? ParseInteger(words[3].substr(0, words[3].find('/'))) : std::nullopt;
  if (running && *running > 0) {
    facts->Add("load.running_now", *running, "threads", file);  // this one among them
  } else {
    facts->Missing("load.running_now", "threads", file, reading ? "malformed" : reading.reason);
  }
}

// Time that the hypervisor gave to others, of all time since the start (proc(5), /proc/stat).
void AddSteal(const Reader& reader, Facts* facts) {
  const std::string file = "/proc/stat";
  const Reading reading = reader.Text(file, Reader::kLargeFile);
  const auto words =
      reading ? SplitWords(std::string_view(*reading.text).substr(0, reading.text->find('\n')))
              : std::vector<std::string>();
  double total = 0, steal = -1;
  bool whole = words.size() >= 9 && words[0] == "cpu";
  for (std::size_t i = 1; whole && i < 9; ++i) {  // user nice system idle iowait irq softirq steal
    const auto ticks = ParseInteger(words[i]);
    whole = ticks && *ticks >= 0;
    if (whole) total += steal = static_cast<double>(*ticks);
  }
  if (whole && total > 0) {
    facts->Add("steal_fraction", steal / total, "", file);
  } else {
    facts->Missing("steal_fraction", "", file, reading ? "malformed" : reading.reason);
  }
}

// Share of the last 10 s in which some task waited for a processor
// (Documentation/accounting/psi.rst).
void AddPressure(const Reader& reader, Facts* facts) {
  for (const char* what : {"cpu", "memory"}) {
    const std::string file = std::string("/proc/pressure/") + what,
                      key = std::string("pressure.") + what;
    const Reading reading = reader.Text(file);
    const auto at = reading ? reading.text->find("avg10=") : std::string::npos;
    double percent = -1;
    if (at != std::string::npos)
      std::from_chars(reading.text->data() + at + 6, reading.text->data() + reading.text->size(),
                      percent);
    if (percent >= 0 && percent <= 100) {
      facts->Add(key, percent / 100, "", file);
    } else {
      facts->Missing(key, "", file, reading ? "malformed" : reading.reason);
    }
  }
}

}  // namespace

Found FindHypervisor(const Reader& reader) {
  const Reading cpuid = reader.Ask("hypervisor", HypervisorOfCpuid);
  if (cpuid && *cpuid.text != "none") {
    for (const Sign& sign : kCpuid) {
      if (Contains(*cpuid.text, sign.mark))
        return {std::string(sign.name), "cpuid leaf 0x40000000"};
    }
  }
  const Reading kernel = reader.Text("/proc/sys/kernel/osrelease");
  if (kernel && (Contains(*kernel.text, "microsoft") || Contains(*kernel.text, "Microsoft"))) {
    return {"wsl", "/proc/sys/kernel/osrelease"};
  }
  bool dmi_read = false;
  for (const char* name : {"product_name", "sys_vendor", "board_vendor", "bios_vendor"}) {
    const std::string file = std::string("/sys/class/dmi/id/") + name;
    const Reading text = reader.Text(file);
    if (!text) continue;
    dmi_read = true;
    // EC2 without virtualization says so in the product name.
    if (Contains(*text.text, ".metal")) return {"none", file};
    for (const Sign& sign : kDmi) {
      if (Contains(*text.text, sign.mark)) return {std::string(sign.name), file};
    }
  }
  if (const Reading type = reader.Text("/sys/hypervisor/type"))
    return {*type.text, "/sys/hypervisor/type"};
  const Reading tree = reader.Strings("/proc/device-tree/hypervisor/compatible");
  if (tree)
    return {Contains(*tree.text, "xen")   ? "xen"
            : Contains(*tree.text, "kvm") ? "kvm"
                                          : "unnamed",
            "/proc/device-tree/hypervisor/compatible"};
  const Reading cpuinfo = reader.Text("/proc/cpuinfo", Reader::kLargeFile);
  if (cpuid && *cpuid.text != "none") return {"unnamed", "cpuid leaf 1, bit 31 of ecx"};
  if (cpuid) return {"none", "cpuid leaf 1, bit 31 of ecx"};
  if (cpuinfo && Field(*cpuinfo.text, "flags")) {
    const auto flags = SplitWords(*Field(*cpuinfo.text, "flags"));
    const bool guest = std::find(flags.begin(), flags.end(), "hypervisor") != flags.end();
    return {guest ? "unnamed" : "none", "/proc/cpuinfo"};
  }
  if (dmi_read) return {"none", "/sys/class/dmi/id"};
  if (reader.Exists("/proc/device-tree/model")) return {"none", "/proc/device-tree"};
  if (reader.Ask("android_model", [] { return std::string(); })) return {"none", "Android"};
  return {"", "cpuid, /sys/class/dmi/id, /proc/device-tree"};
}

Found FindContainer(const Reader& reader) {
  if (const Reading name = reader.Text("/run/systemd/container"))
    return {*name.text, "/run/systemd/container"};
  if (reader.Exists("/run/.containerenv")) return {"podman", "/run/.containerenv"};
  const std::string groups_file = "/proc/self/cgroup";
  const Reading groups = reader.Text(groups_file);
  constexpr Sign kGroups[] = {{"kubepods", "kubernetes"},
                              {"docker", "docker"},
                              {"libpod", "podman"},
                              {"lxc", "lxc"},
                              {"containerd", "containerd"}};
  for (const Sign& sign : kGroups) {
    if (groups && Contains(*groups.text, sign.mark)) return {std::string(sign.name), groups_file};
  }
  if (reader.Exists("/.dockerenv")) return {"docker", "/.dockerenv"};
  if (!groups) return {"", groups_file};
  return {"none", groups_file};
}

std::vector<Fact> ReadEnvironment(const SystemRoot& root) {
  const Reader reader(root);
  Facts facts;
  for (const auto& [key, finding] : {std::pair("hypervisor", FindHypervisor(reader)),
                                     std::pair("container", FindContainer(reader))}) {
    if (finding.value.empty()) {
      facts.Missing(key, "", finding.source, "none of these could be read");
    } else {
      facts.Add(key, finding.value, "", finding.source);
    }
  }
  AddLoad(reader, &facts);
  AddSteal(reader, &facts);
  AddPressure(reader, &facts);
  AddBusyProcesses(reader, &facts);
  return facts.Take();
}

}  // namespace inferometer
