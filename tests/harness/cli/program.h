// Runs the real program as a child process, as a shell would.
#ifndef INFEROMETER_TESTS_HARNESS_CLI_PROGRAM_H_
#define INFEROMETER_TESTS_HARNESS_CLI_PROGRAM_H_

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

namespace inferometer {

struct Ended {
  int code = -1;    // exit code, -1 when a signal ended it
  int signal = 0;   // the signal that ended it
  std::string out;  // all of stdout
  std::string err;  // all of stderr; on a terminal both come here
};

using Environment = std::vector<std::pair<std::string, std::string>>;

// A running program.
class Program {
 public:
  enum class Streams { kPipes, kTerminal };
  // `terminal`: stdout and stderr are one pseudo-terminal of `columns` columns.
  Program(const std::vector<std::string>& arguments, const std::string& folder,
          const Environment& environment = {}, Streams streams = Streams::kPipes,
          unsigned short columns = 80);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // Reads until stderr holds `text`; false when the program ends first.
  bool WaitForErr(const std::string& text);
  void Kill(int signal) const;
  Ended Wait();

 private:
  bool ReadSome();  // false when both streams are at their end

  pid_t child_ = -1;
  int out_ = -1, err_ = -1;
  Ended ended_;
};

// Runs it to its end in `folder`.
Ended RunInferometer(const std::vector<std::string>& arguments, const std::string& folder = ".",
                     const Environment& environment = {});

// A folder of the test's own, removed with everything in it at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  std::vector<std::string> Names() const;  // of what lies in it, sorted

 private:
  std::string path_;
};

void WriteFile(const std::string& path, const std::string& text);

}  // namespace inferometer

#endif  // INFEROMETER_TESTS_HARNESS_CLI_PROGRAM_H_
