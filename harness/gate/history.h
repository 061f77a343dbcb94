// `history`: results over commits in a file of lines, and where a level began.
#ifndef INFEROMETER_HARNESS_GATE_HISTORY_H_
#define INFEROMETER_HARNESS_GATE_HISTORY_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "results/metrics.h"
#include "results/record.h"

namespace inferometer {

// One line of the store: a commit's medians on one machine.
struct HistoryEntry {
  struct Value {
    std::string row, label, metric;
    double median = 0;
  };
  std::string commit, at;  // RFC 3339, UTC
  nlohmann::json machine;  // MachineOf (fingerprint.h)
  std::vector<Value> values;
};

// The rows that were measured. `commit` empty: that of the result's tool; throws Error(kUsage) when
// neither says one.
HistoryEntry EntryOf(const Result& result, const std::string& commit);

// One line of JSON, ending in a newline, and back. ParseHistory throws Error(kInvalidInput) that
// names the line.
std::string LineOf(const HistoryEntry& entry);
std::vector<HistoryEntry> ParseHistory(std::string_view text, const std::string& name);

// A level of one row on one machine that began with a commit.
struct LevelChange {
  std::string row, label, metric;
  std::string commit, before;  // where it began, and the commit before that
  std::string at;
  double was = 0, is = 0;  // medians of the levels
  double change = 0;       // is / was - 1
  bool worse = false;
  double p = 1;
  std::size_t points = 0;  // of the new level
  std::size_t age = 0;     // commits since then, of this row
};

struct HistoryOptions {
  std::size_t window = 50;  // points looked at together, 30 to 50 are usual
  double significance = 0.001;
  double least_change = 0.03;    // and at least so large
  std::size_t least_points = 3;  // on either side
};

// Changes in order of the store, each row and machine by itself, by E-Divisive over windows of the
// newest points and half-overlapping ones before. Machines are never mixed: a new runner would look
// like a slow commit.
std::vector<LevelChange> FindLevelChanges(const std::vector<HistoryEntry>& entries,
                                          const HistoryOptions& options = {});

std::string HistoryConsole(const std::vector<LevelChange>& changes, std::size_t entries);
nlohmann::json HistoryJson(const std::vector<LevelChange>& changes);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_GATE_HISTORY_H_
