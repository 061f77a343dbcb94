// What this device is, as a page for people.
#include "harness/report/probe_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/text.h"
#include "harness/report/escape.h"
#include "harness/report/probe_gpus.h"

namespace inferometer {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kWidth = 80, kLabel = 14;

// What stands at a dotted key, null when nothing does.
Json At(const Json& object, std::string_view key) {
  const Json* here = &object;
  while (!key.empty()) {
    const auto dot = key.find('.');
    const auto name = std::string(key.substr(0, dot));
    if (!here->is_object() || !here->contains(name)) return nullptr;
    here = &here->at(name);
    key = dot == std::string_view::npos ? std::string_view() : key.substr(dot + 1);
  }
  return *here;
}

std::string Text(const Json& value, const std::string& otherwise = "") {
  return value.is_string() ? value.get<std::string>() : otherwise;
}

double Number(const Json& value) { return value.is_number() ? value.get<double>() : 0; }

std::string Bytes(const Json& value) {
  return value.is_number() ? HumanBytes(Number(value)) : "unknown size";
}

std::string Clock(const Json& hz) { return fmt::format("{:.3g} GHz", Number(hz) / 1e9); }

std::string Joined(const Json& list, std::string_view separator = " ") {
  std::string text;
  if (!list.is_array()) return text;
  for (const Json& item : list) {
    if (!text.empty()) text += separator;
    text += Text(item);
  }
  return text;
}

std::string Plural(double count, const std::string& noun) {
  return fmt::format("{:g} {}{}", count, noun, count == 1 ? "" : "s");
}

class Page {
 public:
  Page(const Json& device, bool color) : device_(device), color_(color) {}

  void Title(const std::string& left, const std::string& right) {
    const std::size_t room = kWidth - Columns(right) - 2;
    text_ += Styled(PadRight(Plain(left), room), "1") + "  " + Plain(right) + "\n";
  }
  void Heading(const std::string& name) { text_ += "\n" + Styled(name, "1;36") + "\n"; }
  void Row(const std::string& label, const std::string& value, bool doubt = false) {
    if (value.empty()) return;
    // A command stands on a line of its own, so that it can be copied.
    const auto command = value.find(": sudo ");
    const bool split = command != std::string::npos;
    std::string shown =
        "  " + PadRight(label, kLabel - 2) + Plain(value.substr(0, split ? command + 1 : command));
    shown = Wrap(shown, kWidth, kLabel);
    if (split) shown += "\n" + std::string(kLabel, ' ') + Plain(value.substr(command + 2));
    text_ += (doubt ? Styled(shown, "33") : shown) + "\n";
  }
  // "not known: permission denied", from the fact's reason.
  void Unknown(const std::string& label, std::string_view key) {
    Row(label, "not known: " + Reason(key), true);
  }
  std::string Reason(std::string_view key) const {
    for (const Json& fact : Facts()) {
      if (At(fact, "key") == key) return Text(At(fact, "reason"), "not told");
    }
    return "not probed";
  }
  std::string Source(std::string_view key) const {
    for (const Json& fact : Facts()) {
      if (At(fact, "key") == key) return Text(At(fact, "source"));
    }
    return "";
  }
  Json Facts() const {
    Json facts = At(device_, "facts");
    return facts.is_array() ? facts : Json::array();
  }
  Json operator[](std::string_view key) const { return At(device_, key); }
  void Line(const std::string& line) { text_ += Wrap(Plain(line), kWidth, 0) + "\n"; }
  void Gap() { text_ += "\n"; }
  std::string Take() { return std::move(text_); }

 private:
  std::string Styled(const std::string& text, const char* code) const {
    return color_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
  }

  const Json& device_;
  bool color_;
  std::string text_;
};

std::string CacheText(const Json& caches, int level, std::string_view type) {
  std::string text;
  for (const Json& cache : caches) {
    if (Number(At(cache, "level")) != level || Text(At(cache, "type")) != type) continue;
    const double count = Number(At(cache, "count"));
    text += (text.empty() ? "" : " + ") +
            (count > 1 ? fmt::format("{:g} x ", count) : std::string()) +
            Bytes(At(cache, "size_bytes"));
  }
  return text;
}

void AddCaches(Page* page) {
  const Json caches = (*page)["cpu.caches"];
  if (!caches.is_array()) {
    page->Unknown("caches", "cpu.caches");
    return;
  }
  page->Row("L1 data", CacheText(caches, 1, "data"));
  for (int level = 2; level <= 4; ++level) {
    page->Row(fmt::format("L{}", level), CacheText(caches, level, "unified"));
  }
}

std::string CoresText(const Page& page) {
  std::string text = fmt::format("{:g}", Number(page["cpu.cores"])), kinds;
  const Json rows = page["cpu.kinds"];
  if (rows.is_array() && rows.size() > 1) {
    for (const Json& kind : rows) {
      kinds += fmt::format("{}{:g} {}", kinds.empty() ? "" : " + ", Number(At(kind, "cores")),
                           Text(At(kind, "name")));
    }
    text += ": " + kinds;
  }
  text += "; " + Plural(Number(page["cpu.threads"]), "thread");
  if (Number(page["cpu.packages"]) > 1)
    text += fmt::format(", {:g} packages", Number(page["cpu.packages"]));
  return text;
}

void AddCpu(Page* page) {
  const Page& at = *page;
  page->Heading("Processor");
  if (at["cpu.cores"].is_number()) {
    page->Row("cores", CoresText(at));
  } else {
    page->Unknown("cores", "cpu.cores");
  }
  const double usable = Number(at["cpu.usable.cpus"]), threads = Number(at["cpu.threads"]);
  if (usable > 0 && usable < threads) {
    const bool quota = at["cpu.usable.quota"].is_number();
    page->Row(
        "for us",
        fmt::format("{:g} of {:g} threads: {}", usable, threads,
                    quota ? "a control group limits the time" : "the affinity mask allows no more"),
        true);
  }
  AddCaches(page);
  const bool live = at["cpu.isa_usable"].is_array();
  const Json isa = live ? at["cpu.isa_usable"] : at["cpu.isa"];
  if (isa.is_array()) {
    page->Row("vectors", isa.empty() ? "none beyond the base set" : Joined(isa));
  } else {
    page->Unknown("vectors", "cpu.isa");
  }
  std::string clock;
  if (at["cpu.clock.current_hz"].is_number()) clock = Clock(at["cpu.clock.current_hz"]) + " now";
  if (at["cpu.clock.max_hz"].is_number())
    clock += (clock.empty() ? "" : ", ") + Clock(at["cpu.clock.max_hz"]) + " at most";
  if (at["cpu.boost"] == false) clock += ", boost off";
  if (clock.empty()) {
    page->Unknown("clock", "cpu.clock.max_hz");
  } else {
    page->Row("clock", clock);
  }
  const Json governors = at["cpu.governors"];
  for (const Json& row : governors.is_array() ? governors : Json::array()) {
    const std::string preference = Text(At(row, "energy_preference")),
                      where = governors.size() > 1 ? " on CPUs " + Text(At(row, "cpus")) : "";
    page->Row("governor", Text(At(row, "governor"), "unknown") +
                              (preference.empty() ? "" : ", " + preference) + where);
  }
  if (const Json nodes = at["cpu.numa"]; nodes.is_array() && nodes.size() > 1) {
    std::string text = fmt::format("{} nodes", nodes.size());
    for (const Json& node : nodes)
      text += (&node == &nodes.front() ? ": " : " + ") + Bytes(At(node, "size_bytes"));
    page->Row("NUMA", text);
  }
}

void AddMemory(Page* page) {
  const Page& at = *page;
  page->Heading("Memory");
  if (at["memory.total_bytes"].is_number()) {
    page->Row("size", Bytes(at["memory.total_bytes"]) +
                          (at["memory.available_bytes"].is_number()
                               ? ", " + Bytes(at["memory.available_bytes"]) + " available"
                               : ""));
  } else {
    page->Unknown("size", "memory.total_bytes");
  }
  if (at["memory.limit_bytes"].is_number())
    page->Row("for us", Bytes(at["memory.limit_bytes"]) + ": a control group allows no more", true);
  if (at["memory.type"].is_string()) {
    std::string kind = Text(at["memory.type"]);
    if (at["memory.transfer_rate"].is_number())
      kind += fmt::format(" at {:g} MT/s", Number(at["memory.transfer_rate"]) / 1e6);
    if (at["memory.modules"].is_number())
      kind += ", " + Plural(Number(at["memory.modules"]), "module");
    page->Row("kind", kind);
  } else {
    page->Unknown("kind", "memory.type");
  }
  std::string pages;
  if (at["memory.page_bytes"].is_number()) pages = Bytes(at["memory.page_bytes"]);
  if (at["memory.transparent_huge_pages"].is_string())
    pages += (pages.empty() ? "" : ", ") +
             ("transparent huge pages: " + Text(at["memory.transparent_huge_pages"]));
  page->Row("pages", pages);
  if (Number(at["memory.swap_used_bytes"]) > 0)
    page->Row("swap", Bytes(at["memory.swap_used_bytes"]) + " in use");
}

void AddGpus(Page* page, const Json& device) {
  page->Heading("Graphics processors");
  for (const auto& [label, value, doubt] : GpuRows(device)) {
    if (label.empty() && value.empty()) page->Gap();
    page->Row(label, value, doubt);
  }
}

void AddPower(Page* page) {
  const Page& at = *page;
  page->Heading("Power and heat");
  const std::string source = Text(at["power.source"]);
  if (source.empty()) {
    page->Unknown("source", "power.source");
  } else {
    page->Row("source", source, source == "battery");
  }
  const Json batteries = at["power.batteries"];
  for (const Json& battery : batteries.is_array() ? batteries : Json::array()) {
    std::string text = At(battery, "percent").is_number()
                           ? fmt::format("{:g} %", Number(At(battery, "percent")))
                           : "unknown charge";
    if (At(battery, "status").is_string()) text += ", " + Text(At(battery, "status"));
    if (At(battery, "power_w").is_number())
      text += fmt::format(", {:.3g} W", Number(At(battery, "power_w")));
    if (Number(At(battery, "full_design_j")) > 0 && At(battery, "full_j").is_number()) {
      text += fmt::format(", holds {:.0f} % of new", 100 * Number(At(battery, "full_j")) /
                                                         Number(At(battery, "full_design_j")));
    }
    page->Row("battery", text);
  }
  if (at["power.profile"].is_string()) page->Row("profile", Text(at["power.profile"]));
  if (at["power.joules_from"].is_array()) {
    page->Row("joules from", Joined(at["power.joules_from"], ", "));
  } else {
    page->Unknown("joules from", "power.joules_from");
  }
  const Json domains = at["power.rapl"];
  for (const Json& domain : domains.is_array() ? domains : Json::array()) {
    const std::string reason = Text(At(domain, "reason"));
    if (!reason.starts_with("permission denied")) continue;
    page->Row("RAPL", reason, true);
    break;
  }
  // The hottest of everything that says.
  double hottest = -1e9;
  std::string where;
  for (const char* key : {"thermal.zones", "thermal.sensors"}) {
    const Json sensors = at[key];
    for (const Json& sensor : sensors.is_array() ? sensors : Json::array()) {
      if (!At(sensor, "now_c").is_number() || Number(At(sensor, "now_c")) <= hottest) continue;
      hottest = Number(At(sensor, "now_c"));
      where =
          Text(At(sensor, "label"), Text(At(sensor, "type"), Text(At(sensor, "chip"), "unnamed")));
    }
  }
  if (where.empty()) {
    page->Unknown("hottest", "thermal.sensors");
  } else {
    page->Row("hottest", fmt::format("{:.0f} °C ({})", hottest, where));
  }
  const double throttled =
      std::max(Number(at["thermal.throttled.package"]), Number(at["thermal.throttled.core"]));
  if (throttled > 0) page->Row("throttled", Plural(throttled, "time") + " since the start", true);
}

void AddSystem(Page* page) {
  const Page& at = *page;
  page->Heading("System");
  const std::string name = Text(at["os.name"], Text(at["os.family"], "unknown")),
                    kernel = Text(at["os.kernel"]), libc = Text(at["os.libc"]);
  page->Row("system", name + (kernel.empty() ? "" : ", kernel " + kernel) +
                          (libc.empty() ? "" : ", " + libc));
  const auto inside = [&](const char* key, const std::string& what) {
    const std::string kind = Text(at[key]);
    if (kind.empty()) return what + ": not known";
    return kind == "none" ? "no " + what : what + ": " + kind;
  };
  page->Row("runs in", inside("environment.hypervisor", "virtual machine") + "; " +
                           inside("environment.container", "container"));
  if (at["environment.load.1min"].is_number()) {
    const double load = Number(at["environment.load.1min"]),
                 threads = std::max(1.0, Number(at["cpu.usable.cpus"]));
    page->Row("load", fmt::format("{:.2f} over the last minute", load), load > 0.25 * threads);
  } else {
    page->Unknown("load", "environment.load.1min");
  }
  double busy = 0, running = 0;
  const Json processes = at["environment.busy_processes"];
  for (const Json& process : processes.is_array() ? processes : Json::array()) {
    busy += Number(At(process, "cpu_share"));
    running += At(process, "running_now") == true ? 1 : 0;
  }
  if (busy > 0.2 || running > 0)
    page->Row("others",
              fmt::format("{:g} running now; the busiest used {:.1f} processors since they "
                          "started",
                          running, busy),
              true);
  const double steal = Number(at["environment.steal_fraction"]);
  if (steal > 0.001)
    page->Row("stolen", fmt::format("{:.1f} % of all time by the hypervisor", 100 * steal), true);
}

}  // namespace

std::string ProbePage(const Json& device, bool color) {
  Page page(device, color);
  page.Title(Text(page["cpu.name"], "Unknown processor"), Text(page["class"], "unknown class"));
  std::string line;
  for (const std::string& part :
       {Text(page["os.machine"]), Text(page["cpu.soc"]), Text(page["cpu.microarchitecture"]),
        Text(page["os.architecture"])}) {
    if (!part.empty() && part != Text(page["cpu.name"])) line += (line.empty() ? "" : ", ") + part;
  }
  if (!line.empty()) page.Line(line);
  if (page["class"].is_string()) page.Line("class by " + page.Source("class"));
  AddCpu(&page);
  AddMemory(&page);
  AddGpus(&page, device);
  AddPower(&page);
  AddSystem(&page);
  const Json facts = page.Facts();
  const auto unread = std::count_if(
      facts.begin(), facts.end(), [](const Json& fact) { return At(fact, "reason").is_string(); });
  if (unread > 0) {
    page.Gap();
    page.Line(Plural(static_cast<double>(unread), "fact") +
              " could not be read; --json gives each with its reason.");
  }
  return page.Take();
}

}  // namespace inferometer
