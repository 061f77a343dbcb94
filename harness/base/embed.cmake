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
  target_sources(${target} PRIVATE ${output})
endfunction()
