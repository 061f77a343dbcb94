// Memory: how much, in which pages, of which kind, and what a control group leaves of it.
#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif

#include <algorithm>

#include "probes/cgroup.h"
#include "probes/dmi_memory.h"
#include "probes/facts.h"
#include "probes/list.h"

namespace inferometer {
namespace {

const std::string kMeminfo = "/proc/meminfo";

// "MemTotal:       24684092 kB", in bytes.
std::optional<std::int64_t> Meminfo(const Reading& meminfo, std::string_view key) {
  if (!meminfo) return std::nullopt;
  const auto words = SplitWords(Field(*meminfo.text, key).value_or(""));
  const auto kib = words.empty() ? std::nullopt : ParseInteger(words[0]);
  if (!kib || *kib < 0 || *kib > (std::int64_t{1} << 50)) return std::nullopt;
  return *kib * 1024;
}

void AddMeminfo(const Reading& meminfo, const std::string& key, std::optional<std::int64_t> value,
                Facts* facts) {
  if (value) {
    facts->Add(key, *value, "B", kMeminfo);
  } else {
    facts->Missing(key, "B", kMeminfo, meminfo ? "not told" : meminfo.reason);
  }
}

void AddHugePages(const Reader& reader, Facts* facts) {
  const std::string transparent =
      "/sys/kernel/mm/transparent_hugepage/enabled";  // "always [madvise] never"
  const Reading modes = reader.Text(transparent);
  const auto open = modes ? modes.text->find('[') : std::string::npos;
  const auto close = open == std::string::npos ? open : modes.text->find(']', open);
  if (close != std::string::npos) {
    facts->Add("transparent_huge_pages", modes.text->substr(open + 1, close - open - 1), "",
               transparent);
  } else {
    facts->Missing("transparent_huge_pages", "", transparent, modes ? "not told" : modes.reason);
  }
  const std::string base = "/sys/kernel/mm/hugepages";
  nlohmann::json pools = nlohmann::json::array();
  for (const std::string& name : reader.List(base)) {  // hugepages-2048kB
    if (!name.starts_with("hugepages-") || !name.ends_with("kB")) continue;
    const auto kib = ParseInteger(std::string_view(name).substr(10, name.size() - 12));
    const auto count = reader.Integer(base + "/" + name + "/nr_hugepages");
    const auto free = reader.Integer(base + "/" + name + "/free_hugepages");
    if (!kib || *kib <= 0 || *kib > (std::int64_t{1} << 40) || !count || !free) continue;
    pools.push_back({{"size_bytes", *kib * 1024}, {"count", *count}, {"free", *free}});
  }
  if (pools.empty()) {
    facts->Missing("huge_pages", "", base, "the kernel has no huge page pools");
  } else {
    facts->Add("huge_pages", std::move(pools), "", base);
  }
}

// Type and speed of the modules stand in the firmware's tables, which only root may read.
void AddModules(const Reader& reader, Facts* facts) {
  const std::string table = "/sys/firmware/dmi/tables/DMI";
  const Reading raw = reader.Bytes(table, 1 << 20);
  const Reading text =
      reader.Ask("dmi_memory", [&] { return raw ? DescribeDmiMemory(*raw.text) : std::string(); });
  std::string why = raw ? "the table describes no memory module" : raw.reason;
  if (why == "no such file") why = "the firmware offers no table of memory modules";
  if (why == "permission denied") why += ": only root may read the table of modules";
  const auto value = [&](const char* key) { return text ? Field(*text.text, key) : std::nullopt; };
  if (const auto type = value("type")) {
    facts->Add("type", *type, "", table);
  } else {
    facts->Missing("type", "", table, text ? "not told" : why);
  }
  struct Row {
    const char *key, *field, *unit;
  };
  for (const Row& row : std::initializer_list<Row>{{"transfer_rate", "transfers_per_s", "T/s"},
                                                   {"modules", "modules", ""}}) {
    const auto number = ParseInteger(value(row.field).value_or(""));
    if (number && *number > 0) {
      facts->Add(row.key, *number, row.unit, table);
    } else {
      facts->Missing(row.key, row.unit, table, text ? "not told" : why);
    }
  }
}

}  // namespace

std::vector<Fact> ReadMemory(const SystemRoot& root) {
  const Reader reader(root);
  Facts facts;
  const Reading meminfo = reader.Text(kMeminfo);
  const auto total = Meminfo(meminfo, "MemTotal");
  AddMeminfo(meminfo, "total_bytes", total, &facts);
  AddMeminfo(meminfo, "available_bytes", Meminfo(meminfo, "MemAvailable"), &facts);
  const CgroupLimit limit = CgroupMemoryLimit(reader);
  if (limit.value && (!total || *limit.value < static_cast<double>(*total))) {
    facts.Add("limit_bytes", static_cast<std::int64_t>(*limit.value), "B", limit.source);
  } else {
    facts.Missing("limit_bytes", "B", limit.source, "no control group limits memory");
  }
  const auto swap = Meminfo(meminfo, "SwapTotal"), unused = Meminfo(meminfo, "SwapFree");
  AddMeminfo(meminfo, "swap_total_bytes", swap, &facts);
  AddMeminfo(
      meminfo, "swap_used_bytes",
      swap && unused ? std::optional(std::max<std::int64_t>(*swap - *unused, 0)) : std::nullopt,
      &facts);
  const Reading page = reader.Ask("page_size", [] {
#if defined(__unix__) || defined(__APPLE__)
    return std::to_string(sysconf(_SC_PAGESIZE));
#else
    return std::string();
#endif
  });
  facts.Number("page_bytes", page, "B", "sysconf");
  AddHugePages(reader, &facts);
  AddModules(reader, &facts);
  return facts.Take();
}

}  // namespace inferometer
