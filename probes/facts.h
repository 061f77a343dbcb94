// Gathers the facts of one probe: a value with its source, or null with the reason.
#ifndef INFEROMETER_PROBES_FACTS_H_
#define INFEROMETER_PROBES_FACTS_H_

#include <string>
#include <utility>
#include <vector>

#include "probes/probe.h"
#include "probes/reader.h"

namespace inferometer {

class Facts {
 public:
  void Add(std::string key, nlohmann::json value, std::string unit, std::string source) {
    list_.push_back({std::move(key), std::move(value), std::move(unit), std::move(source), ""});
  }
  void Missing(std::string key, std::string unit, std::string source, std::string reason) {
    list_.push_back(
        {std::move(key), nullptr, std::move(unit), std::move(source), std::move(reason)});
  }
  // The text of a reading, or the reason why there is none.
  void Text(std::string key, const Reading& reading, std::string source) {
    if (reading) {
      Add(std::move(key), *reading.text, "", std::move(source));
    } else {
      Missing(std::move(key), "", std::move(source), reading.reason);
    }
  }
  // The whole number of a reading, times `scale`.
  void Number(std::string key, const Reading& reading, std::string unit, std::string source,
              double scale = 1) {
    const auto value = reading ? ParseInteger(*reading.text) : std::nullopt;
    if (value && *value >= 0 && scale == 1) {
      Add(std::move(key), *value, std::move(unit), std::move(source));
    } else if (value && *value >= 0) {
      Add(std::move(key), static_cast<double>(*value) * scale, std::move(unit), std::move(source));
    } else {
      Missing(std::move(key), std::move(unit), std::move(source),
              reading ? "not a number" : reading.reason);
    }
  }
  std::vector<Fact> Take() { return std::move(list_); }

 private:
  std::vector<Fact> list_;
};

}  // namespace inferometer

#endif  // INFEROMETER_PROBES_FACTS_H_
