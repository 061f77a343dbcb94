// The dashboard's device page as one file, and a result put into it.
#ifndef INFEROMETER_HARNESS_REPORT_PAGE_H_
#define INFEROMETER_HARNESS_REPORT_PAGE_H_

#include <string>
#include <string_view>

namespace inferometer {

// The page that was built with this program; empty when Node was not there then.
std::string_view BuiltPage();

// Whether a text is such a page: it names the place of the result exactly once.
bool IsPage(std::string_view text);

// The page with the result in its place. No text of the result can end the element that holds it.
std::string FillPage(std::string_view page, std::string_view json);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_REPORT_PAGE_H_
