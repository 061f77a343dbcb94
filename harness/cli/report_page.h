// Where `--html` takes the dashboard's device page from.
#ifndef INFEROMETER_HARNESS_CLI_REPORT_PAGE_H_
#define INFEROMETER_HARNESS_CLI_REPORT_PAGE_H_

#include <string>

namespace inferometer {

// The page built into this program, else the one that lies where it is installed
// (../share/inferometer/device-page.html, or beside it). Empty when there is neither: says so once
// on stderr and how to have it; --html then writes the page that needs no script.
std::string ReportPage();

// The first of these folders' device-page.html that is one; empty when none is.
std::string InstalledPage(const std::string& program);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_CLI_REPORT_PAGE_H_
