// The projection of a result by the publish schema.
#include "results/submit/publish.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <regex>

#include "harness/base/sha256.h"
#include "results/submit/known_models.h"
#include "results/submit/personal_data.h"
#include "results/validate_schema.h"

namespace inferometer {
namespace {

using nlohmann::json;

constexpr std::size_t kExample = 40;
constexpr char kWithheld[] = "withheld";

// Fields by path, in the order in which they were first met.
class FieldList {
 public:
  void Add(const std::string& path, const json& value) {
    const auto [place, is_new] = index_.emplace(path, fields_.size());
    if (is_new) {
      std::string example = value.dump(-1, ' ', true, json::error_handler_t::replace);
      if (example.size() > kExample) example = example.substr(0, kExample) + "...";
      fields_.push_back({path, 0, example});
    }
    ++fields_[place->second].count;
  }
  std::vector<Field> Take() { return std::move(fields_); }

 private:
  std::vector<Field> fields_;
  std::map<std::string, std::size_t> index_;
};

class Projection {
 public:
  explicit Projection(const PublishOptions& options)
      : schema_(json::parse(SchemaText(SchemaName::kPublish))), options_(options) {}

  Publication Make(const json& result) {
    Publication publication;
    publication.document = Project(schema_, result, "");
    publication.leaves = leaves_.Take();
    publication.stays = stays_.Take();
    publication.withheld = withheld_.Take();
    return publication;
  }

 private:
  // The schema that a reference leads to, or itself.
  const json* Resolve(const json* schema) const {
    const auto reference = schema->find("$ref");
    if (reference == schema->end()) return schema;
    return &schema_.at(json::json_pointer(reference->get<std::string>().substr(1)));
  }

  static bool Allows(const json& schema, const char* type) {
    const auto types = schema.find("type");
    if (types == schema.end()) return false;
    if (types->is_string()) return *types == type;
    return std::find(types->begin(), types->end(), type) != types->end();
  }

  bool TextFits(const json& schema, const std::string& text, std::string_view key) const {
    if (text.size() > schema.value("maxLength", std::size_t{400})) return false;
    if (schema.contains("pattern")) {
      const std::regex pattern(schema["pattern"].get<std::string>());
      if (!std::regex_search(text, pattern)) return false;
    }
    return PersonalDataOf(key, text).empty() && !HasWord(text, options_.private_words);
  }

  json ProjectText(const json& schema, const json& value, const std::string& path,
                   std::string_view key) {
    if (schema.contains("const") || schema.contains("enum") ||
        TextFits(schema, value.get_ref<const std::string&>(), key)) {
      leaves_.Add(path, value);
      return value;
    }
    withheld_.Add(path, value);
    return Allows(schema, "null") ? json() : json(kWithheld);
  }

  json ProjectObject(const json& schema, const json& value, const std::string& path) {
    json out = json::object();
    const json& properties = schema.at("properties");
    for (const auto& [name, member] : value.items()) {
      const std::string at = (path.empty() ? "" : path + ".") + name.substr(0, 60);
      const auto allowed = properties.find(name);
      if (allowed == properties.end()) {
        stays_.Add(at, member);
      } else {
        out[name] = Project(*allowed, member, at, name);
      }
    }
    return out;
  }

  json Project(const json& raw_schema, const json& value, const std::string& path,
               std::string_view key = {}) {
    const json& schema = *Resolve(&raw_schema);
    if (value.is_object() && schema.contains("properties")) {
      return ProjectObject(schema, value, path);
    }
    if (value.is_array() && schema.contains("items")) {
      json out = json::array();
      const std::size_t most = schema.value("maxItems", value.size());
      for (std::size_t i = 0; i < std::min(most, value.size()); ++i) {
        out.push_back(Project(schema["items"], value[i], path + "[]", key));
      }
      if (value.empty()) leaves_.Add(path, value);
      return out;
    }
    if (value.is_string()) return ProjectText(schema, value, path, key);
    if (value.is_structured()) {  // where the schema has a plain value
      withheld_.Add(path, value);
      return nullptr;
    }
    leaves_.Add(path, value);
    return value;
  }

  const json schema_;
  const PublishOptions& options_;
  FieldList leaves_, stays_, withheld_;
};

// "6.1.0-28-amd64" -> "6.1.0"
json KernelNumbers(const json& kernel) {
  if (!kernel.is_string()) return nullptr;
  const std::string& text = kernel.get_ref<const std::string&>();
  const std::size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
  return text.substr(0, end);
}

void CutTimes(json& run) {
  const auto started = run.find("started_at");
  if (started == run.end() || !started->is_string()) return;
  const std::string text = started->get<std::string>();
  if (text.size() >= 13) *started = text.substr(0, 13) + ":00:00Z";
}

void NameByHash(json& rows, std::map<std::string, std::string>& renamed) {
  for (json& row : rows) {
    if (!row.is_object() || !row.contains("model") || !row["model"].is_object()) continue;
    json& model = row["model"];
    const std::string name = model.value("name", ""),
                      hash = model.contains("sha256") && model["sha256"].is_string()
                                 ? model["sha256"].get<std::string>()
                                 : std::string();
    if (name.empty() || IsKnownModelName(name)) continue;
    model["name"] = "gguf-" + (hash.size() >= 12 ? hash.substr(0, 12) : std::string("unknown"));
    renamed[name] = model["name"].get<std::string>();
  }
}

// Each case's rows share its token times: only its first row keeps them.
void KeepTimesOnce(json& rows) {
  std::map<std::string, bool> seen;
  for (json& row : rows) {
    if (!row.is_object() || !row.contains("token_times_s") || !row["token_times_s"].is_array() ||
        row["token_times_s"].empty()) {
      continue;
    }
    const std::string of = Sha256Hex(row["token_times_s"].dump());
    if (!seen.emplace(of, true).second) row["token_times_s"] = json::array();
  }
}

}  // namespace

Publication Redact(const json& result, const PublishOptions& options) {
  json prepared = result;
  if (prepared.contains("run") && prepared["run"].is_object()) {
    json& run = prepared["run"];
    CutTimes(run);
    run["order"] = nullptr;
    run["publisher"] = {{"public_key", options.public_key}};
  }
  if (prepared.contains("device") && prepared["device"].is_object() &&
      prepared["device"].contains("os") && prepared["device"]["os"].is_object()) {
    json& os = prepared["device"]["os"];
    if (os.contains("kernel")) os["kernel"] = KernelNumbers(os["kernel"]);
  }
  if (prepared.contains("records") && prepared["records"].is_array()) {
    std::map<std::string, std::string> renamed;
    NameByHash(prepared["records"], renamed);
    KeepTimesOnce(prepared["records"]);
    if (prepared.contains("scores") && prepared["scores"].is_array()) {
      for (json& score : prepared["scores"]) {
        const auto name =
            score.is_object() ? renamed.find(score.value("model", "")) : renamed.end();
        if (name == renamed.end()) continue;
        score["model"] = name->second;
        score["reason"] = fmt::format("{} is no tier of the suite", name->second);
      }
    }
  }
  return Projection(options).Make(prepared);
}

std::string PublicationText(const json& document) {
  std::string text = "{";
  const auto dump = [](const json& value) {
    return value.dump(-1, ' ', true, json::error_handler_t::replace);
  };
  bool first = true;
  for (const auto& [key, value] : document.items()) {
    text += fmt::format("{}\n{}: ", first ? "" : ",", dump(key));
    first = false;
    if (!value.is_array() || value.empty()) {
      text += dump(value);
      continue;
    }
    text += "[";
    for (std::size_t i = 0; i < value.size(); ++i) {
      text += (i == 0 ? "\n" : ",\n") + dump(value[i]);
    }
    text += "\n]";
  }
  return text + "\n}\n";
}

std::string Describe(const Publication& publication) {
  const auto list = [](const char* title, const std::vector<Field>& fields) {
    std::string text = title;
    for (const Field& field : fields) {
      text += fmt::format("  {}{}  {}\n", field.path,
                          field.count > 1 ? fmt::format(" ({} values)", field.count) : "",
                          field.example);
    }
    return text;
  };
  return list("Leaves this machine:\n", publication.leaves) +
         list("Withheld, since the text may name a person, a place or a file:\n",
              publication.withheld) +
         list("Stays on this machine:\n", publication.stays);
}

std::string PlaceOf(std::string_view text, const json& document) {
  const std::string started = document.at("run").at("started_at").get<std::string>();
  return fmt::format("{}/{}/{}.json", started.substr(0, 4), started.substr(5, 2),
                     Sha256Hex(text).substr(0, 16));
}

}  // namespace inferometer
