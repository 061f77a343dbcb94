// Other processes that keep the processors busy, without their names.
#include <algorithm>
#include <charconv>

#include "probes/environment.h"

#if defined(__linux__)
#include <unistd.h>
#endif

namespace inferometer {
namespace {

constexpr double kBusyShare = 0.1;  // of one processor, since the process started
constexpr std::size_t kMostRows = 5;

struct Busy {
  double share = 0;
  bool running = false;
  std::int64_t memory_bytes = 0;
};

#if defined(__linux__)

// proc(5), /proc/pid/stat: the fields after the name, which may hold anything but ends in ')'.
std::optional<Busy> Examine(const Reader& reader, const std::string& id, double uptime_s) {
  const Reading stat = reader.Bytes("/proc/" + id + "/stat", 4096);
  const auto name_end = stat ? stat.text->rfind(')') : std::string::npos;
  if (name_end == std::string::npos) return std::nullopt;
  const auto fields = SplitWords(std::string_view(*stat.text).substr(name_end + 1));
  constexpr std::size_t kState = 0, kUser = 11, kSystem = 12, kStart = 19, kResident = 21;
  if (fields.size() <= kResident) return std::nullopt;
  const auto user = ParseInteger(fields[kUser]), system = ParseInteger(fields[kSystem]),
             start = ParseInteger(fields[kStart]), resident = ParseInteger(fields[kResident]);
  if (!user || !system || !start || !resident) return std::nullopt;
  const double tick_s = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  const double age_s = uptime_s - static_cast<double>(*start) * tick_s;
  if (age_s < 1) return std::nullopt;  // too young for an average
  return Busy{static_cast<double>(*user + *system) * tick_s / age_s, fields[kState] == "R",
              *resident * sysconf(_SC_PAGESIZE)};
}

std::string Survey(const Reader& reader) {
  const Reading uptime = reader.Bytes("/proc/uptime", 256);
  double uptime_s = 0;
  if (uptime)
    std::from_chars(uptime.text->data(), uptime.text->data() + uptime.text->size(), uptime_s);
  if (uptime_s <= 0) return "";
  std::vector<Busy> busy;
  int seen = 0;
  for (const std::string& id : reader.List("/proc")) {
    const auto number = ParseInteger(id);
    if (!number || *number == getpid()) continue;
    const auto process = Examine(reader, id, uptime_s);
    if (!process) continue;
    ++seen;
    if (process->share >= kBusyShare || process->running) busy.push_back(*process);
  }
  if (seen == 0) return "";
  std::sort(busy.begin(), busy.end(),
            [](const Busy& a, const Busy& b) { return a.share > b.share; });
  if (busy.size() > kMostRows) busy.resize(kMostRows);
  std::string text = "seen: " + std::to_string(seen) + "\n";
  for (const Busy& one : busy) {
    text += std::to_string(static_cast<int>(one.share * 1000)) + " " +
            (one.running ? "running " : "waiting ") + std::to_string(one.memory_bytes) + "\n";
  }
  while (text.back() == '\n') text.pop_back();
  return text;
}

#else

std::string Survey(const Reader&) { return ""; }

#endif

}  // namespace

void AddBusyProcesses(const Reader& reader, Facts* facts) {
  const std::string source = "/proc/*/stat";
  const Reading survey = reader.Ask("processes", [&reader] { return Survey(reader); });
  if (!survey || !Field(*survey.text, "seen")) {
    facts->Missing("busy_processes", "", source, "the system shows no processes but this one");
    return;
  }
  nlohmann::json rows = nlohmann::json::array();
  for (const std::string& line : SplitLines(*survey.text)) {
    const auto words = SplitWords(line);
    if (words.size() != 3) continue;
    const auto share = ParseInteger(words[0]), memory = ParseInteger(words[2]);
    if (!share || *share < 0 || !memory || *memory < 0 || rows.size() == kMostRows) continue;
    rows.push_back({{"cpu_share", static_cast<double>(*share) / 1000},
                    {"running_now", words[1] == "running"},
                    {"memory_bytes", *memory}});
  }
  facts->Add("busy_processes", std::move(rows), "", source);
}

}  // namespace inferometer
