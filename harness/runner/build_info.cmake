# Run at every build: writes OUTPUT, a header with what the build is made of, when that changed.
execute_process(COMMAND git -C ${SOURCE} rev-parse HEAD
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
set(dirty false)
if(failed)
  set(commit "")
else()
  execute_process(COMMAND git -C ${SOURCE} status --porcelain --untracked-files=no
    OUTPUT_VARIABLE changes OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(changes)
    set(dirty true)
  endif()
endif()
set(text "// Written by build_info.cmake.
#define INFEROMETER_VERSION \"${VERSION}\"
#define INFEROMETER_COMMIT \"${commit}\"
#define INFEROMETER_DIRTY ${dirty}
#define INFEROMETER_COMPILER \"${COMPILER}\"
#define INFEROMETER_FLAGS \"${FLAGS}\"
")
set(old "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} old)
endif()
if(NOT text STREQUAL old)
  file(WRITE ${OUTPUT} "${text}")
endif()
