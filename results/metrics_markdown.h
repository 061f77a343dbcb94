// The metric table as Markdown: what `list metrics --markdown` prints and the README holds.
#ifndef INFEROMETER_RESULTS_METRICS_MARKDOWN_H_
#define INFEROMETER_RESULTS_METRICS_MARKDOWN_H_

#include <string>

namespace inferometer {

// A pipe table, one row per metric, ending in a newline.
std::string MetricsMarkdown();

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_METRICS_MARKDOWN_H_
