// The plots of the HTML report: inline SVG that takes its colours from the page's style.
#ifndef INFEROMETER_HARNESS_REPORT_SVG_H_
#define INFEROMETER_HARNESS_REPORT_SVG_H_

#include <string>
#include <vector>

#include "harness/report/curves.h"
#include "results/record.h"

namespace inferometer {

// Attained performance over arithmetic intensity, both logarithmic, under the roofs of one device.
// Bands are the range of a roof over the run. `points` are numbered from 1 in their order; each has
// a roofline. Empty when the device has no measured read bandwidth or there are no points.
std::string RooflineSvg(const Result& result, const std::string& device, int threads,
                        const std::vector<const Record*>& points);

// Time of each token of a row over its place in the sequence, every repetition a dot, with the
// median and the histogram of all of them. Empty without token times.
std::string TokenLatencySvg(const Record& record);

// The samples of a row around their median on a fixed scale of ±10 %, with the 95 % interval.
std::string SpreadSvg(const Record& record);

// Curves of one metric over the working set, both logarithmic, with the ends of the caches. Empty
// without curves.
std::string CurveSvg(const std::vector<Curve>& curves, const std::vector<SeenCache>& caches,
                     const std::string& title);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_REPORT_SVG_H_
