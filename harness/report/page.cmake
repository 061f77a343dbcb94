# The dashboard's device page, embedded where Node and the dashboard's packages are there at build time.
# Nothing is downloaded: `npm ci` in dashboard/ is the user's, or that of ci/bench and ci/test.
set(dashboard ${PROJECT_SOURCE_DIR}/dashboard)
find_program(INFEROMETER_NODE NAMES node nodejs DOC "Node, for the device page of --html")
if(INFEROMETER_PAGE STREQUAL "OFF")
  set(missing "INFEROMETER_PAGE is OFF")
elseif(NOT INFEROMETER_NODE)
  set(missing "no Node")
elseif(NOT EXISTS ${dashboard}/node_modules/vite)
  set(missing "no packages in dashboard/: `npm ci` there")
else()
  set(missing "")
endif()
if(missing AND INFEROMETER_PAGE STREQUAL "ON")
  message(FATAL_ERROR "INFEROMETER_PAGE is ON: ${missing}")
elseif(missing)
  message(STATUS "--html without the dashboard's device page (${missing})")
else()
  # Its modules are found by their imports; a changed one builds the page again.
  file(GLOB_RECURSE parts CONFIGURE_DEPENDS ${dashboard}/src/*.ts ${dashboard}/src/*.css)
  list(FILTER parts EXCLUDE REGEX "/src/generated/")
  set(page ${PROJECT_BINARY_DIR}/generated/device-page.html)
  add_custom_command(OUTPUT ${page}
    COMMAND ${INFEROMETER_NODE} ${dashboard}/tools/report.mjs ${page}
    DEPENDS ${parts} ${dashboard}/report.html ${dashboard}/tools/report.mjs ${dashboard}/tools/generate.mjs
            ${dashboard}/package-lock.json ${PROJECT_SOURCE_DIR}/results/schema/result-1.0.json ${PROJECT_SOURCE_DIR}/results/metrics.cc
            ${PROJECT_SOURCE_DIR}/results/reference.json
    COMMENT "Building the device page" VERBATIM)
  file(RELATIVE_PATH relative ${CMAKE_CURRENT_SOURCE_DIR} ${page})
  inferometer_embed(inferometer_report PageFiles FILES ${relative})
  target_compile_definitions(inferometer_report PRIVATE INFEROMETER_HAS_PAGE)
endif()
# Installed too, for programs that are built without Node: the page of this build, else the one that
# `npm run build:report` has made, on this machine or another.
if(missing)
  set(page ${dashboard}/dist-report/device-page.html)
endif()
install(FILES ${page} DESTINATION ${CMAKE_INSTALL_DATADIR}/inferometer OPTIONAL)
