// make_submission_corpus FOLDER [few]: writes good and bad documents into FOLDER, and into
// `verdicts` what the C++ validator says about each under both schemas. The other validators are
// held against it; the fuzzer begins with a few small ones.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>

#include "results/submit/publish.h"
#include "results/validate_schema.h"
#include "tests/results/submit/made_result.h"

namespace inferometer {
namespace {

using nlohmann::json;

class Corpus {
 public:
  explicit Corpus(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
  }
  void Add(const std::string& name, const json& document) {
    Save(name + ".json", PublicationText(document));
    verdicts_[name + ".json"] = {
        {"result", ValidateSchema(document, SchemaName::kResult).empty()},
        {"publish", ValidateSchema(document, SchemaName::kPublish).empty()}};
  }
  void Finish() {
    Save("verdicts", verdicts_.dump(1) + "\n");
    std::printf("%zu documents\n", verdicts_.size());
  }

 private:
  void Save(const std::string& name, const std::string& text) {
    std::ofstream out(folder_ / name, std::ios::binary | std::ios::trunc);
    out << text;
    if (!out.flush()) throw std::runtime_error("cannot write " + name);
  }

  std::filesystem::path folder_;
  json verdicts_ = json::object();
};

void Walk(const json& value, const json::json_pointer& at,
          const std::function<void(const json::json_pointer&, const json&)>& visit) {
  visit(at, value);
  if (value.is_object()) {
    for (const auto& [key, child] : value.items()) Walk(child, at / key, visit);
  } else if (value.is_array() && !value.empty()) {
    Walk(value[0], at / std::size_t{0}, visit);
  }
}

void MakeCorpus(const std::filesystem::path& folder, bool few) {
  Corpus corpus(folder);
  const json full = ToJson(MadeResult({.gpu = !few, .tokens = few ? 3 : 32}));
  const json sound = json::parse(Publish(full, TestKey()).text);
  corpus.Add("result", full);
  corpus.Add("published", sound);
  corpus.Add("null", nullptr);
  corpus.Add("empty", json::object());
  const json kOthers[] = {json(),    json(true),  json(-1),          json(1.5),
                          json("x"), json("x\n"), json::array({-1}), json::object({{"x", 1}})};
  std::size_t number = 0;
  Walk(sound, json::json_pointer(), [&](const json::json_pointer& at, const json&) {
    if (at.empty() || (few && number++ % 8 != 0)) return;
    json without = sound;
    json& parent = without[at.parent_pointer()];
    if (parent.is_object()) {
      parent.erase(at.back());
    } else {
      parent.erase(0);
    }
    corpus.Add("without-" + std::to_string(number), without);
    json other = sound;
    other[at] = kOthers[number % std::size(kOthers)];
    corpus.Add("other-" + std::to_string(number), other);
    ++number;
  });
  Walk(sound, json::json_pointer(), [&](const json::json_pointer& at, const json& value) {
    if (!value.is_object() || few) return;
    json more = sound;
    more[at]["unheard_of"] = 1;
    corpus.Add("more-" + std::to_string(number++), more);
  });
  corpus.Finish();
}

}  // namespace
}  // namespace inferometer

int main(int argc, char** argv) {
  const bool few = argc == 3 && std::string_view(argv[2]) == "few";
  if (argc != 2 && !few) {
    std::fputs("usage: make_submission_corpus FOLDER [few]\n", stderr);
    return 2;
  }
  try {
    inferometer::MakeCorpus(argv[1], few);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_submission_corpus: %s\n", error.what());
    return 7;
  }
}
