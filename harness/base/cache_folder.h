// Where what can be computed again is kept between runs.
#ifndef INFEROMETER_HARNESS_BASE_CACHE_FOLDER_H_
#define INFEROMETER_HARNESS_BASE_CACHE_FOLDER_H_

#include <filesystem>

namespace inferometer {

// $INFEROMETER_CACHE, else $XDG_CACHE_HOME/inferometer or what the system has instead; empty when
// there is none.
std::filesystem::path CacheFolder();

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_BASE_CACHE_FOLDER_H_
