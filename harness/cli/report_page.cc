// Finds the dashboard's device page.
#include "harness/cli/report_page.h"

#include <filesystem>
#include <system_error>

#include "harness/base/child_process.h"
#include "harness/base/error.h"
#include "harness/base/file.h"
#include "harness/cli/terminal.h"
#include "harness/report/page.h"

namespace inferometer {

std::string InstalledPage(const std::string& program) {
  if (program.empty()) return "";
  const std::filesystem::path folder = std::filesystem::path(program).parent_path();
  for (const char* place : {"../share/inferometer/device-page.html", "device-page.html"}) {
    const std::filesystem::path path = folder / place;
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored)) continue;
    std::string page = ReadText(path.string());
    if (IsPage(page)) return page;
    throw Error(ExitCode::kInvalidInput,
                path.string() + " is no device page of this program: install it again");
  }
  return "";
}

std::string ReportPage() {
  if (!BuiltPage().empty()) return std::string(BuiltPage());
  std::string page = InstalledPage(ThisProgram());
  if (page.empty()) {
    PrintErr(
        "note: this program was built without Node and finds no "
        "../share/inferometer/device-page.html, so --html writes the plain page. To have the "
        "dashboard's: `npm ci` in dashboard/, then build and install again.\n");
  }
  return page;
}

}  // namespace inferometer
