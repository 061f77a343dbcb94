// Malformed GGUF files, each with the words that its error must hold.
#ifndef INFEROMETER_TESTS_MODELS_GGUF_MALFORMED_H_
#define INFEROMETER_TESTS_MODELS_GGUF_MALFORMED_H_

#include <string>
#include <vector>

namespace inferometer {

struct Malformed {
  std::string name;  // a word, also the name of its file in the fuzzer's corpus
  std::string bytes;
  std::string error;  // a part of the message
};

std::vector<Malformed> MalformedFiles();

// Everything that is done with the header of a file: reading, mapping to a shape, finding the
// weights. Throws Error(kInvalidInput).
void ParseAll(const std::string& bytes);

}  // namespace inferometer

#endif  // INFEROMETER_TESTS_MODELS_GGUF_MALFORMED_H_
