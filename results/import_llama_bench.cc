// Reads llama-bench's JSON. Its fields: tools/llama-bench in llama.cpp (5a32f10), and
// examples/llama-bench of earlier versions, which named the backends one by one instead of
// together.
#include "results/import_llama_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <climits>
#include <optional>
#include <utility>

#include "harness/base/error.h"
#include "harness/base/sha256.h"
#include "results/json.h"

namespace inferometer {
namespace {

using nlohmann::json;

constexpr std::size_t kMostTests = 10000;
constexpr std::size_t kLongestText = 200;  // of names in the schema
constexpr std::int64_t kMostTokens = std::int64_t{1} << 40;

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string_view Trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// A text of at most so many bytes; empty where the key is absent or null.
std::string Text(const JsonValue& test, const char* key) {
  if (!test.Has(key)) return {};
  const std::string& text = test[key].String();
  if (text.size() > kLongestText) test[key].Fail(fmt::format("longer than {} bytes", kLongestText));
  return text;
}

std::int64_t Count(const JsonValue& test, const char* key, std::int64_t fallback) {
  return test.Has(key) ? test[key].Integer(0, kMostTokens) : fallback;
}

// Whether a backend's key says that it took part: true, or as ik_llama.cpp writes it "1".
bool TookPart(const JsonValue& test, const char* key) {
  if (!test.Has(key)) return false;
  if (test[key].json().is_boolean()) return test[key].Bool();
  const std::string text = Text(test, key);
  return !text.empty() && text != "0";
}

// "CPU" of "backends"; versions before that key have one for each.
std::string BackendOf(const JsonValue& test) {
  if (test.Has("backends")) {
    const std::string backends = Lower(Text(test, "backends"));
    return backends.empty() ? "cpu" : backends;
  }
  for (const char* key : {"cuda", "vulkan", "kompute", "metal", "sycl", "opencl", "rpc", "blas"}) {
    if (TookPart(test, key)) return key;
  }
  return "cpu";
}

// llama.cpp names what computed the layers; -ngl says how many of them a GPU had.
std::string DeviceOf(const JsonValue& test, const std::string& backend) {
  const bool cpu = backend == "cpu" || backend == "blas";
  std::string device = "llama.cpp:" + backend;
  if (cpu || !test.Has("n_gpu_layers")) return device;
  const std::int64_t layers = test["n_gpu_layers"].Integer(-1, INT_MAX);
  return layers == 0 ? device + " without layers" : device;
}

// "q4_k_m" of "llama 1B Q4_K - Medium"; empty when no format is there. The words are those of
// llama_model_ftype_name in llama.cpp.
std::string QuantOf(const std::string& type) {
  std::string text = Lower(type);
  if (text.ends_with(" (guessed)")) text.resize(text.size() - 10);
  std::string size;
  if (const auto dash = text.rfind(" - "); dash != std::string::npos) {
    const std::string after = text.substr(dash + 3);
    if (after == "small" || after == "medium" || after == "large") size = "_" + after.substr(0, 1);
    text.resize(dash);  // what is no size says how many bits: "2.0625 bpw"
  }
  const std::string word = text.substr(text.rfind(' ') + 1);
  const bool known = word == "f32" || word == "f16" || word == "bf16" ||
                     ((word.starts_with("q") || word.starts_with("iq") || word.starts_with("tq")) &&
                      word.find_first_of("0123456789") != std::string::npos) ||
                     word.starts_with("mxfp4");
  return known ? word + size : "";
}

ModelRef ModelOf(const JsonValue& test, std::map<std::string, std::string>& absent) {
  ModelRef model;
  std::string file = test.Has("model_filename") ? test["model_filename"].String() : "";
  file = file.substr(file.find_last_of("/\\") + 1);
  if (Lower(file).ends_with(".gguf")) file.resize(file.size() - 5);
  const std::string type = Text(test, "model_type");
  model.name = file.empty() ? type : file;
  if (model.name.empty()) test.Fail("names no model: 'model_filename' and 'model_type' are absent");
  if (model.name.size() > kLongestText) {
    test["model_filename"].Fail(fmt::format("longer than {} bytes", kLongestText));
  }
  model.quant = QuantOf(type);
  if (model.quant.empty()) model.quant = "unknown";
  model.bytes = test["model_size"].Unsigned();
  absent["model.sha256"] = "llama-bench does not hash the model";
  return model;
}

std::string CacheOf(const JsonValue& test) {
  const std::string k = Text(test, "type_k"), v = Text(test, "type_v");
  if (k.empty() && v.empty()) return "f16";  // what llama.cpp takes where nothing else is asked for
  return k == v ? k : k + "/" + v;
}

// The rates of the repetitions, tok/s.
struct Rates {
  std::vector<double> values;
  bool averaged = false;  // the text holds their average alone
};

void CheckRate(const JsonValue& value, double rate) {
  if (!(rate > 0)) value.Fail("a rate or a time is above 0");
}

Rates RatesOf(const JsonValue& test, std::int64_t tokens) {
  Rates rates;
  const bool has_ts = test.Has("samples_ts") && !test["samples_ts"].Items().empty();
  const bool has_ns = test.Has("samples_ns") && !test["samples_ns"].Items().empty();
  if (has_ts && has_ns && test["samples_ts"].Items().size() != test["samples_ns"].Items().size()) {
    test["samples_ns"].Fail("'samples_ts' has another number of samples");
  }
  if (has_ts) {
    for (const JsonValue& item : test["samples_ts"].Items()) {
      CheckRate(item, item.Number());
      rates.values.push_back(item.Number());
    }
  } else if (has_ns) {
    for (const JsonValue& item : test["samples_ns"].Items()) {
      CheckRate(item, item.Number());
      rates.values.push_back(static_cast<double>(tokens) * 1e9 / item.Number());
    }
  } else {
    const JsonValue average = test["avg_ts"];
    CheckRate(average, average.Number());
    rates.values.push_back(average.Number());
    rates.averaged = true;
  }
  return rates;
}

class Importer {
 public:
  Result Run(const std::vector<JsonValue>& tests, std::string_view text) {
    for (const JsonValue& test : tests) {
      test.Object();
      SameAsBefore(test);
      result_.records.push_back(RecordOf(test));
      settings_.push_back(SettingsOf(test));
    }
    PutFrame(text);
    PutWarnings();
    return std::move(result_);
  }

 private:
  // A result is of one program on one machine.
  void SameAsBefore(const JsonValue& test) {
    for (const char* key : {"build_commit", "cpu_info", "gpu_info"}) {
      const std::string value = Text(test, key);
      const auto [known, first] = common_.try_emplace(key, value);
      if (!first && known->second != value) {
        test.Fail(
            fmt::format("'{}' is '{}', but '{}' in the first test: import the tests of each "
                        "build and machine by themselves",
                        key, value, known->second));
      }
    }
    if (build_number_.is_null() && test.Has("build_number")) {
      build_number_ = test["build_number"].Integer(0, INT_MAX);
    }
    const std::string started = Text(test, "test_time");
    if (started_.empty() || (!started.empty() && started < started_)) started_ = started;
  }

  Record RecordOf(const JsonValue& test) {
    Record record;
    record.model = ModelOf(test, record.absent);
    record.backend = BackendOf(test);
    record.device = DeviceOf(test, record.backend);
    if (test.Has("n_threads")) {
      record.threads = static_cast<int>(test["n_threads"].Integer(0, INT_MAX));
    }
    const std::int64_t prompt = Count(test, "n_prompt", 0), generated = Count(test, "n_gen", 0);
    const std::int64_t depth = Count(test, "n_depth", 0);
    if (prompt == 0 && generated == 0) test.Fail("'n_prompt' and 'n_gen' are both 0 or absent");
    record.params = {{"tokens", generated > 0 ? generated : prompt}, {"kv", CacheOf(test)}};
    if (generated > 0 || depth > 0) record.params["depth"] = depth;
    record.workload = generated > 0 ? "decode" : "prefill";
    record.metric = generated > 0 ? "decode_rate" : "prefill_rate";
    if (prompt > 0 && generated > 0) {
      record.workload = "prefill+decode";
      record.params["prompt"] = prompt;
      record.status = Status::kSkipped;
      record.reason =
          "llama-bench's pg test takes one rate over prompt and generation together, which is no "
          "metric of the suite; -p and -n by themselves give two that are";
      return record;
    }
    Rates rates = RatesOf(test, prompt + generated);
    averaged_ |= rates.averaged;
    record.samples = std::move(rates.values);
    record.warmup_repetitions.reset();
    record.absent["warmup.repetitions"] = "llama-bench does not record whether it warmed up";
    record.absent["cold"] = "llama-bench does not keep its first run";
    record.absent["roofline"] = "llama-bench measures no roofs";
    record.absent["conformance"] = "llama-bench holds its results against no reference";
    if (rates.averaged) {
      record.absent["ci95"] = "the file holds the average of the repetitions and not the samples";
    }
    return record;
  }

  // What else the test says that bears on its speed, as it stands.
  static json SettingsOf(const JsonValue& test) {
    json settings = json::object();
    for (const char* key :
         {"n_prompt", "n_gen", "n_depth", "n_batch", "n_ubatch", "n_threads", "n_gpu_layers",
          "flash_attn", "no_kv_offload", "use_mmap", "split_mode", "poll", "cpu_mask", "cpu_strict",
          "embeddings", "type_k", "type_v", "model_type", "model_n_params"}) {
      if (!test.Has(key)) continue;
      const json& value = test[key].json();
      if (value.is_structured()) test[key].Fail("expected a number, a text, true or false");
      if (value.is_string()) Text(test, key);
      settings[key] = value;
    }
    return settings;
  }

  void PutFrame(std::string_view text) {
    const std::string unsaid = "llama-bench does not record it";
    const std::string commit = common_["build_commit"];
    result_.tool = {
        {"engine", "llama.cpp"},
        {"version",
         build_number_.is_null() ? json() : json(fmt::format("b{}", build_number_.get<int>()))},
        {"commit", commit.empty() ? json() : json(commit)},
        {"dirty", nullptr},
        {"compiler", nullptr},
        {"flags", nullptr},
        {"sha256", nullptr}};
    result_.run = {{"id", Sha256Hex(text).substr(0, 32)},
                   {"started_at", StartedAt()},
                   {"preset", nullptr},
                   {"seed", nullptr},
                   {"duration_s", nullptr},
                   {"order", nullptr},
                   {"complete", true},
                   {"source", {{"format", "llama-bench"}, {"tests", settings_}}}};
    result_.device = {{"class", nullptr},
                      {"cpu", json::object()},
                      {"memory", json::object()},
                      {"gpus", json::array()},
                      {"os", json::object()},
                      {"power", json::object()},
                      {"environment", json::object()}};
    if (const std::string& cpu = common_["cpu_info"]; !cpu.empty())
      result_.device["cpu"]["name"] = cpu;
    if (const std::string& gpu = common_["gpu_info"]; !gpu.empty()) {
      result_.device["gpus"].push_back({{"name", gpu}});
    }
    for (json* part : {&result_.tool, &result_.run, &result_.device}) {
      json absent = json::object();
      for (const auto& [key, value] : part->items()) {
        if (value.is_null() || (value.is_structured() && value.empty())) absent[key] = unsaid;
      }
      (*part)["absent"] = std::move(absent);
    }
  }

  // As llama-bench writes it, 2025-01-31T12:00:00Z; null for anything else.
  json StartedAt() const {
    constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
    if (started_.size() != kForm.size()) return nullptr;
    for (std::size_t i = 0; i < kForm.size(); ++i) {
      const bool digit = std::isdigit(static_cast<unsigned char>(started_[i])) != 0;
      if (kForm[i] == '0' ? !digit : started_[i] != kForm[i]) return nullptr;
    }
    return started_;
  }

  void PutWarnings() {
    result_.warnings.push_back(
        {"imported",
         "measured by llama-bench and not by Inferometer: without roofs, without conformance, and "
         "without the state of the machine",
         "run both on the same device, file and number of threads, in turn and not side by side"});
    result_.warnings.push_back(
        {"other_definition",
         "llama-bench feeds random next tokens, times no sampling and reads no logits; its "
         "generation rate counts all tokens over the whole time, decode_rate_v1 those after the "
         "first",
         "take differences of a few percent for differences of definition"});
    if (averaged_) {
      result_.warnings.push_back(
          {"averages_only",
           "some tests hold the average of their repetitions alone: it stands as one "
           "sample, and nothing is known about the spread",
           "export with llama-bench -o json, which keeps samples_ts"});
    }
  }

  Result result_;
  std::map<std::string, std::string> common_;  // what all tests share, by key
  json build_number_;
  std::string started_;  // of the earliest test
  json settings_ = json::array();
  bool averaged_ = false;
};

// One object per line, or else one document.
bool IsLines(std::string_view text) {
  const std::string_view first = Trimmed(text.substr(0, text.find('\n')));
  return first.starts_with("{") && first.size() < Trimmed(text).size() && json::accept(first);
}

}  // namespace

Result ImportLlamaBench(std::string_view text, std::string_view name) {
  if (text.size() > JsonLimits().size_bytes) {
    throw Error(ExitCode::kInvalidInput,
                fmt::format("'{}' is larger than {} bytes", name, JsonLimits().size_bytes));
  }
  json document;
  std::vector<std::pair<std::size_t, json>> lines;
  if (IsLines(text)) {
    std::size_t number = 0;
    for (std::string_view rest = text; !rest.empty();) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      const std::string_view line = Trimmed(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      ++number;
      if (line.empty()) continue;
      if (lines.size() >= kMostTests) break;
      lines.emplace_back(number, ParseJson(line, fmt::format("{}' line '{}", name, number)));
    }
  } else {
    document = ParseJson(text, name);
  }
  try {
    std::vector<JsonValue> tests;
    for (const auto& [number, line] : lines) {
      tests.emplace_back(line, fmt::format("line {}", number));
    }
    if (document.is_object()) tests.emplace_back(document, "");
    if (document.is_array()) tests = JsonValue(document).Items();
    if (tests.empty())
      JsonValue(document).Fail("expected llama-bench's array of tests, with one at least");
    if (tests.size() >= kMostTests) {
      tests.back().Fail(fmt::format("more than {} tests", kMostTests - 1));
    }
    return Importer().Run(tests, text);
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("'{}': {}", name, error.what()));
  }
}

}  // namespace inferometer
