// Finds what may tell a person, a place or one single machine in texts that are to be published.
#ifndef INFEROMETER_RESULTS_SUBMIT_PERSONAL_DATA_H_
#define INFEROMETER_RESULTS_SUBMIT_PERSONAL_DATA_H_

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer {

// What `text` looks like: "an e-mail address", "a path", "a URL", "a MAC address", "an IP address",
// "a UUID", "a long number", "a phone number", "a host name", "a serial number", "a secret"; empty
// when it looks harmless. `is_version` lets public IPv4-like texts pass, which versions of drivers
// look like.
std::string_view PersonalDataIn(std::string_view text, bool is_version = false);

// Whether `text` has one of the words, whatever the case, not as part of a longer word. Words
// below three letters are not looked for.
bool HasWord(std::string_view text, std::span<const std::string> words);

// The same of the text of a member named `key`, some of which hold versions, and one a public key.
std::string_view PersonalDataOf(std::string_view key, std::string_view text);

struct PersonalData {
  std::string path;
  std::string_view what;
};

// Of all texts and keys of a document.
std::vector<PersonalData> FindPersonalData(const nlohmann::json& document);

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_SUBMIT_PERSONAL_DATA_H_
