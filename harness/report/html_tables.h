// The tables and lists of the HTML report. All text in them is escaped.
#ifndef INFEROMETER_HARNESS_REPORT_HTML_TABLES_H_
#define INFEROMETER_HARNESS_REPORT_HTML_TABLES_H_

#include <string>

#include "harness/report/rows.h"
#include "results/record.h"

namespace inferometer {

// One group's rows as a captioned table.
std::string RowsTable(const Group& group);

// The ceilings, or a sentence that there are none.
std::string RoofsTable(const Result& result);

// The warnings with their remedies; empty when there are none.
std::string WarningList(const Result& result);

// The scores that have a value, and why the others have none.
std::string ScoreList(const Result& result);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_REPORT_HTML_TABLES_H_
