// A synthetic model as a real file, for workloads that start from one.
#ifndef INFEROMETER_HARNESS_RUNNER_MODEL_FILE_H_
#define INFEROMETER_HARNESS_RUNNER_MODEL_FILE_H_

#include <string>

#include "models/model.h"

namespace inferometer {

// Written to the folder for temporary files and gone when the object is, or when the program ends
// in any way: it has no name from the moment that it is complete.
class TemporaryModelFile {
 public:
  // Throws Error(kRunFailed) when the folder has too little room, with both figures.
  explicit TemporaryModelFile(const Model& model);
  ~TemporaryModelFile();
  TemporaryModelFile(const TemporaryModelFile&) = delete;
  TemporaryModelFile& operator=(const TemporaryModelFile&) = delete;

  const std::string& path() const { return path_; }  // opens the nameless file

 private:
  int descriptor_ = -1;
  std::string path_;
};

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_RUNNER_MODEL_FILE_H_
