// What memory, arithmetic and time allow.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "harness/stats/median.h"
#include "models/peaks.h"
#include "results/submit/checks.h"
#include "results/submit/device_catalogue.h"
#include "results/submit/subject.h"

namespace inferometer {
namespace {

using nlohmann::json;

constexpr double kMostOfRoof = 1.05;       // roofline_v1: timing and drift may add so much
constexpr double kMostOfCatalogue = 1.10;  // clocks of memory are a little above their names
constexpr double kSlow = 0.15;             // of the roof: the usual range is 0.3 to 0.9
constexpr double kNearlySame = 1.10;
constexpr double kRounding = 1e-9;

// Software renderers by their names: of Mesa, Google, PoCL and Microsoft.
constexpr std::string_view kSoftware[] = {"llvmpipe", "lavapipe", "softpipe",    "swiftshader",
                                          "pthread-", "pocl",     "basic render"};
// The best and the least value of a roof of a device; 0 when it was not measured.
struct Range {
  double best = 0, least = 0;
};

Range RoofOf(const Result& result, const std::string& device, std::string_view metric) {
  Range range;
  for (const Ceiling& ceiling : result.ceilings) {
    if (ceiling.device != device || ceiling.metric != metric || !(ceiling.value > 0)) continue;
    range.best = std::max(range.best, ceiling.value);
    range.least = range.least == 0 ? ceiling.value : std::min(range.least, ceiling.value);
  }
  return range;
}

// The seconds of one unit of a row's work at its median; 0 where the metric is none of work.
double SecondsOf(const Record& record, double value) {
  if (!(value > 0)) return 0;
  if (record.metric == "decode_rate" && record.workload != "batch") return 1 / value;
  if (record.metric == "ttft" && record.workload == "prefill") return value;
  if (record.metric == "itl_p50") return value;
  if (record.metric == "prefill_rate") {
    const auto tokens = record.params.find("tokens");
    if (tokens != record.params.end() && tokens->is_number()) return tokens->get<double>() / value;
  }
  return 0;
}

struct Need {
  double memory_s = 0, compute_s = 0;
  double bytes = 0;
};

// The least time that a row's work takes under the best roofs of its run.
std::optional<Need> NeedOf(const Result& result, const Record& record) {
  const std::optional<Price> price = PriceOf(record);
  if (!price && !record.roofline) return std::nullopt;
  Need need;
  need.bytes = price ? price->bytes : record.roofline->bytes;
  const double read = RoofOf(result, record.device, "read_bandwidth").best;
  if (need.bytes > 0 && read > 0) need.memory_s = need.bytes / read;
  double fastest = 0;
  for (const std::string_view peak : AllPeaks()) {
    fastest = std::max(fastest, RoofOf(result, record.device, peak).best);
  }
  if (fastest > 0) {
    // Any type may be computed in a faster one, so only the fastest peak is a bound for sure.
    need.compute_s = (price ? price->flops() : record.roofline->flops) / fastest;
  }
  if (need.memory_s == 0 && need.compute_s == 0) return std::nullopt;
  return need;
}

void CheckRoof(const Result& result, const Record& record, std::size_t i, Findings& findings) {
  const double seconds = SecondsOf(record, record.median);
  if (seconds == 0) return;
  const std::string path = fmt::format("records[{}]", i);
  const std::optional<Need> need = NeedOf(result, record);
  if (!need) {
    findings.push_back(MakeFinding("no_roofs", path, fmt::format("no roof of {}", record.device)));
    return;
  }
  const bool cached = record.backend == "cpu" && need->bytes <= LastLevelBytes(result.device);
  const double memory = need->memory_s / seconds, compute = need->compute_s / seconds;
  if ((memory > kMostOfRoof && !cached) || compute > kMostOfRoof) {
    findings.push_back(MakeFinding(
        "above_roof", path,
        fmt::format("{} {:.4g} is {:.2f} of the {} roof", record.metric, record.median,
                    std::max(memory, compute), memory > compute ? "memory" : "compute")));
  }
  if (record.workload == "decode" && record.metric == "decode_rate" && memory > 0 &&
      memory < kSlow && compute < kSlow) {
    findings.push_back(MakeFinding(
        "slow_path", path, fmt::format("{:.2f} of the memory roof of {}", memory, record.device)));
  }
}

// The least and the most time that arithmetic takes under the roofs of the run; none where a peak
// is missing.
std::optional<Range> ComputeTime(const Result& result, const Record& record) {
  const std::optional<Price> price = PriceOf(record);
  if (!price) return std::nullopt;
  const auto best = [&](std::string_view name) { return RoofOf(result, record.device, name).best; };
  const auto least = [&](std::string_view name) {
    return RoofOf(result, record.device, name).least;
  };
  Range time;  // best: the least
  for (std::size_t type = 0; type < price->operations.size(); ++type) {
    if (price->operations[type] == 0) continue;
    const auto number = static_cast<NumberType>(type);
    const Range peak = {PeakOf(number, best).value, PeakOf(number, least).value};
    if (peak.best == 0) return std::nullopt;
    time.best += price->operations[type] / peak.best;
    time.least += price->operations[type] / peak.least;
  }
  return time;
}

// The times of the repetitions are not in the file, so the roof of each is one of those that were
// measured: the share lies between what the best and the least of them give.
void CheckShare(const Result& result, const Record& record, std::size_t i, Findings& findings) {
  if (!record.roofline || record.roofline->bound != "memory") return;
  const Range roof = RoofOf(result, record.device, "read_bandwidth");
  const std::optional<Range> compute = ComputeTime(result, record);
  if (!PriceOf(record)) return;
  const std::string path = fmt::format("records[{}].roofline.fraction", i);
  if (roof.best == 0 || !compute) {
    findings.push_back(MakeFinding("aggregate", path, "a roof that it needs is not in the file"));
    return;
  }
  std::vector<double> least, most;
  for (const double sample : record.samples) {
    const double seconds = SecondsOf(record, sample);
    if (seconds == 0) return;
    least.push_back(std::max(record.roofline->bytes / roof.best, compute->best) / seconds);
    most.push_back(std::max(record.roofline->bytes / roof.least, compute->least) / seconds);
  }
  const double low = Median(least) * (1 - kRounding), high = Median(most) * (1 + kRounding);
  if (!least.empty() && (record.roofline->fraction < low || record.roofline->fraction > high)) {
    findings.push_back(
        MakeFinding("aggregate", path,
                    fmt::format("is {:.4g}, samples and roofs give {:.4g} to {:.4g}",
                                record.roofline->fraction, Median(least), Median(most))));
  }
}

void CheckCatalogue(const Result& result, Findings& findings) {
  const DeviceRows rows = FindDeviceRows(result.device);
  if (rows.cpu == nullptr) {
    findings.push_back(MakeFinding("device_unknown", "device.cpu", "no row of this processor"));
  }
  for (std::size_t i = 0; i < result.ceilings.size(); ++i) {
    const Ceiling& ceiling = result.ceilings[i];
    const bool streams = ceiling.metric == "read_bandwidth" || ceiling.metric == "copy_bandwidth" ||
                         ceiling.metric == "triad_bandwidth" ||
                         ceiling.metric == "read_bandwidth_plain";
    if (!streams) continue;
    const CatalogueDevice* row = rows.cpu;
    if (ceiling.backend != "cpu") {
      Record of;
      of.backend = ceiling.backend;
      of.device = ceiling.device;
      const std::size_t gpu = GpuOf(result.device, of);
      row = gpu < rows.gpus.size() ? rows.gpus[gpu] : nullptr;
    }
    if (row == nullptr || ceiling.value <= kMostOfCatalogue * row->bandwidth) continue;
    // A socket may hold more processors, and each brings memory of its own.
    const auto packages = result.device["cpu"].find("packages");
    const bool several = ceiling.backend == "cpu" && packages != result.device["cpu"].end() &&
                         packages->is_number() && packages->get<double>() > 1;
    findings.push_back(
        MakeFinding(row->soldered && !several ? "roof_above_catalogue" : "roof_above_memory",
                    fmt::format("ceilings[{}].value", i),
                    fmt::format("{:.1f} GB/s; {} gives at most {:.1f}", ceiling.value / 1e9,
                                row->name, row->bandwidth / 1e9)));
  }
}

void CheckDuration(const Result& result, Findings& findings) {
  const double duration_s = result.run.value("duration_s", 0.0);
  double measured_s = 0;
  for (const Record& record : result.records) {
    if (record.status != Status::kOk) continue;
    if (record.workload == "decode" && record.metric == "decode_rate") {
      for (const auto& times : record.token_times_s) measured_s += times.empty() ? 0 : times.back();
    }
    if (record.workload == "prefill" && record.metric == "prefill_rate") {
      for (const double sample : record.samples) measured_s += SecondsOf(record, sample);
    }
  }
  if (measured_s > duration_s) {
    findings.push_back(
        MakeFinding("duration", "run.duration_s",
                    fmt::format("is {:.1f}, the samples took {:.1f} s", duration_s, measured_s)));
  }
  for (std::size_t i = 0; i < result.ceilings.size(); ++i) {
    if (result.ceilings[i].at_s > duration_s) {
      findings.push_back(MakeFinding("duration", fmt::format("ceilings[{}].at_s", i),
                                     "lies behind the end of the run"));
    }
  }
}

bool IsSoftwareName(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(std::begin(kSoftware), std::end(kSoftware),
                     [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

void CheckSoftware(const Result& result, Findings& findings) {
  const json& gpus = result.device["gpus"];
  const auto marked = [&gpus](std::size_t i) {
    return i < gpus.size() && gpus[i].contains("software") && gpus[i]["software"] == true;
  };
  for (std::size_t i = 0; i < gpus.size(); ++i) {
    const json name = gpus[i].value("name", json());
    if (name.is_string() && IsSoftwareName(name.get<std::string>()) && !marked(i)) {
      findings.push_back(MakeFinding("software_unmarked", fmt::format("device.gpus[{}]", i),
                                     name.get<std::string>()));
    }
  }
  for (std::size_t i = 0; i < result.records.size(); ++i) {
    const Record& record = result.records[i];
    if (record.backend == "cpu" || record.software || record.status != Status::kOk) continue;
    if (marked(GpuOf(result.device, record))) {
      findings.push_back(
          MakeFinding("software_unmarked", fmt::format("records[{}].software", i), record.device));
    }
  }
}

// A GPU row that is about as fast as the processor's of the same case, on a card that should be
// much faster, or beside a processor with the same roof.
void CheckPath(const Result& result, Findings& findings) {
  const DeviceRows rows = FindDeviceRows(result.device);
  for (std::size_t i = 0; i < result.records.size(); ++i) {
    const Record& record = result.records[i];
    if (record.backend == "cpu" || record.software || record.status != Status::kOk ||
        record.metric != "decode_rate" || record.workload != "decode") {
      continue;
    }
    const std::string path = fmt::format("records[{}]", i);
    const std::size_t gpu = GpuOf(result.device, record);
    const CatalogueDevice* row = gpu < rows.gpus.size() ? rows.gpus[gpu] : nullptr;
    const std::optional<Price> price = PriceOf(record);
    if (row != nullptr && price && record.median * price->bytes < kSlow * row->bandwidth) {
      findings.push_back(MakeFinding(
          "slow_path", path,
          fmt::format("{:.1f} GB/s of weights; {} gives {:.0f}", record.median * price->bytes / 1e9,
                      row->name, row->bandwidth / 1e9)));
      continue;
    }
    for (const Record& other : result.records) {
      const bool same_case = other.backend == "cpu" && other.status == Status::kOk &&
                             other.metric == record.metric && PointOf(other) == PointOf(record) &&
                             other.model && record.model &&
                             other.model->sha256 == record.model->sha256;
      const bool discrete = gpu < result.device["gpus"].size() &&
                            result.device["gpus"][gpu].value("type", json()) == "discrete";
      if (same_case && discrete && record.median < kNearlySame * other.median) {
        findings.push_back(MakeFinding(
            "slow_path", path,
            fmt::format("{:.4g} tok/s; the processor gives {:.4g}", record.median, other.median)));
        break;
      }
    }
  }
}

}  // namespace

void CheckPhysics(const Result& result, Findings& findings) {
  for (std::size_t i = 0; i < result.records.size(); ++i) {
    const Record& record = result.records[i];
    if (record.status != Status::kOk) continue;
    CheckRoof(result, record, i, findings);
    CheckShare(result, record, i, findings);
  }
  CheckCatalogue(result, findings);
  CheckDuration(result, findings);
  CheckSoftware(result, findings);
  CheckPath(result, findings);
}

}  // namespace inferometer
