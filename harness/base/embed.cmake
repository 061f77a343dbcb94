# inferometer_embed(<target> <name> FILES <file>...): compiles text files into a target as
#   std::span<const inferometer::EmbeddedFile> inferometer::<name>();
# declared in harness/base/embedded.h. The binary stays a single file that can be copied anywhere.
function(inferometer_embed target name)
  cmake_parse_arguments(ARG "" "" "FILES" ${ARGN})
  set(output ${PROJECT_BINARY_DIR}/generated/${name}.cc)
  set(absolute)
  foreach(file ${ARG_FILES})
    list(APPEND absolute ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  endforeach()
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DNAME=${name} -DOUTPUT=${output} "-DFILES=${absolute}"
            -P ${PROJECT_SOURCE_DIR}/harness/base/embed_files.cmake
    DEPENDS ${absolute} ${PROJECT_SOURCE_DIR}/harness/base/embed_files.cmake VERBATIM)
  # A rule is seen in its own folder only; the target may live in another.
  add_custom_target(${target}_${name} DEPENDS ${output})
  add_dependencies(${target} ${target}_${name})
  # Texts may be longer than what C++ asks all compilers to take, which Clang warns of.
  set_source_files_properties(${output} TARGET_DIRECTORY ${target} PROPERTIES GENERATED ON
    COMPILE_OPTIONS -Wno-overlength-strings)
  target_sources(${target} PRIVATE ${output})
endfunction()
