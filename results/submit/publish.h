// What of a result leaves the machine: the projection by the allow-list publish-1.0.json.
#ifndef INFEROMETER_RESULTS_SUBMIT_PUBLISH_H_
#define INFEROMETER_RESULTS_SUBMIT_PUBLISH_H_

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer {

struct PublishOptions {
  std::string public_key;                  // "RW..." of who publishes
  std::vector<std::string> private_words;  // the user's and the machine's names: texts that hold
                                           // one are withheld
};

// One field, the same of all rows together: "records[].samples".
struct Field {
  std::string path;
  std::size_t count = 0;  // values
  std::string example;    // the first, cut short
};

struct Publication {
  nlohmann::json document;
  std::vector<Field> leaves, stays;
  std::vector<Field> withheld;  // allowed fields whose text was not: null or "withheld" instead
};

// `result` is the JSON of a result. Times are cut to the hour, the kernel's version to its numbers,
// the name of a model that is not in the catalogue to its hash; token times stand in the first row
// of a case alone.
Publication Redact(const nlohmann::json& result, const PublishOptions& options);

// The bytes that are published: one line for each record and roof, keys in order.
std::string PublicationText(const nlohmann::json& document);

// Lines that say what leaves and what stays.
std::string Describe(const Publication& publication);

// "2026/05/0123456789abcdef.json": the place of a publication below results/public.
std::string PlaceOf(std::string_view text, const nlohmann::json& document);

// Writes the text and its signature at their place below `folder`, each whole or not at all.
// Returns the path of the text. Throws Error(kUsage) when it is there already.
std::string PlaceSubmission(const std::string& folder, const std::string& place,
                            std::string_view text, std::string_view signature);

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_SUBMIT_PUBLISH_H_
