// Rows of two results held against each other.
#include "harness/gate/row.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "harness/gate/gating.h"

namespace inferometer {
namespace {

// Params that are found out while measuring.
constexpr std::string_view kFound[] = {"ended_after_s", "page_cache", "working_set", "source",
                                       "energy"};

bool IsFound(std::string_view key) {
  return key.ends_with("_sha256") ||
         std::find(std::begin(kFound), std::end(kFound), key) != std::end(kFound);
}

std::string TextOf(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

class Differences {
 public:
  void Add(std::string_view what, const std::string& base, const std::string& head) {
    if (base.empty() || head.empty() || base == head) return;
    const auto shown = [](const std::string& text) {
      return text.size() > 40 ? text.substr(0, 16) + "..." : text;
    };
    lines_.push_back(fmt::format("{} differ: {} and {}", what, shown(base), shown(head)));
  }
  std::vector<std::string> Take() { return std::move(lines_); }

 private:
  std::vector<std::string> lines_;
};

std::string Positive(std::uint64_t number) { return number == 0 ? "" : std::to_string(number); }

}  // namespace

std::string RowId(const Record& record) {
  std::string id = record.workload;
  for (const auto& [key, value] : record.params.items()) {
    if (!IsFound(key)) id += fmt::format(" {}={}", key, TextOf(value));
  }
  id += " " + record.metric;
  if (record.model) id += " " + record.model->name + " " + record.model->quant;
  return id + " " + record.device;
}

const Record* FindRow(const Result& result, std::string_view id) {
  const Record* found = nullptr;
  for (const Record& record : result.records) {
    if (RowId(record) != id) continue;
    if (record.status == Status::kOk) return &record;
    if (found == nullptr) found = &record;
  }
  return found;
}

std::vector<std::string> RowDifferences(const Record& base, const Record& head) {
  Differences differences;
  if (base.model && head.model) {
    differences.Add("the weights (SHA-256)", base.model->sha256, head.model->sha256);
    differences.Add("the model's bytes", Positive(base.model->bytes), Positive(head.model->bytes));
  }
  differences.Add("the threads", std::to_string(base.threads), std::to_string(head.threads));
  differences.Add("the backends", base.backend, head.backend);
  differences.Add("software rendering", base.software ? "yes" : "no", head.software ? "yes" : "no");
  const auto prompt = [](const Record& record) {
    const auto found = record.params.find("prompt_sha256");
    return found == record.params.end() ? std::string() : TextOf(*found);
  };
  differences.Add("the prompts (SHA-256)", prompt(base), prompt(head));
  return differences.Take();
}

std::vector<ExactValue> ExactValues(const Record& record) {
  std::vector<ExactValue> values;
  if (record.status != Status::kOk) return values;
  const auto cost = [&values](std::string name, double number) {
    values.push_back({std::move(name), fmt::format("{:.15g}", number), number, true});
  };
  if (record.roofline) {
    cost("bytes", record.roofline->bytes);
    cost("flops", record.roofline->flops);
  }
  if (GatingOf(record.metric).how == Gating::kExact) cost(record.metric, record.median);
  for (const auto& [key, value] : record.params.items()) {
    if (key.ends_with("_sha256") && key != "prompt_sha256") {
      values.push_back({key, TextOf(value), 0, false});
    }
  }
  return values;
}

bool Matches(std::string_view pattern, std::string_view text) {
  // The usual two-finger walk: on a mismatch the last star takes one letter more.
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p, ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace inferometer
