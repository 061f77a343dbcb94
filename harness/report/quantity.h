// Numbers for people: scaled to a unit that reads well, thousands grouped.
#ifndef INFEROMETER_HARNESS_REPORT_QUANTITY_H_
#define INFEROMETER_HARNESS_REPORT_QUANTITY_H_

#include <string>
#include <string_view>

namespace inferometer {

// How the values of one row are shown, so that a median and its interval share unit and digits.
struct Scale {
  double factor = 1;  // shown = value * factor
  int decimals = 0;
  std::string unit;  // "ms", "GB/s", "tok/s"
};

// The scale that shows `value`, given in an SI unit of the metric table, to four digits.
Scale ScaleFor(double value, std::string_view unit);

// "1,724" without the unit.
std::string Number(double value, const Scale& scale);

// "1,724 tok/s"; the bare number for a unit of 1.
std::string Quantity(double value, std::string_view unit);

// "88 %".
std::string Percent(double fraction);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_REPORT_QUANTITY_H_
