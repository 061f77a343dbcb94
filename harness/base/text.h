// Small helpers on words: the nearest known name, and numbers people can read.
#ifndef INFEROMETER_HARNESS_BASE_TEXT_H_
#define INFEROMETER_HARNESS_BASE_TEXT_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer {

// The candidate with the least edit distance to `word` (Levenshtein), empty when there are none.
std::string Nearest(std::string_view word, std::span<const std::string> candidates);

// "unknown model 'lama': did you mean 'llama-3.2-1b'? Known: ..."
std::string UnknownName(std::string_view kind, std::string_view word,
                        const std::vector<std::string>& candidates);

// "1.25 GiB", "64 KiB": binary units, three significant digits.
std::string HumanBytes(double bytes);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_BASE_TEXT_H_
