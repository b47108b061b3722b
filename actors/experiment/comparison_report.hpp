#pragma once

#include "actors/experiment/comparison.hpp"
#include "actors/experiment/run_table.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace starling::experiment {

struct comparison_report_options {
  /// Stands above the name: "Starling sweep".
  std::string_view kind = "Starling sweep";
  /// One a run of the table: where its own report lies, relative to the page;
  /// empty: none.
  std::vector<std::string> links;
  /// How to make it again, as on a command line; empty: nothing is said.
  std::string command;
  /// Settings shown in a table, and runs listed; the rest stands in CSV files.
  size_t lines_max = 400;
  /// Plots drawn of one measure.
  size_t plots_max = 24;
};

/// Returns one self-contained HTML page that shows runs side by side: tables of
/// settings and methods with confidence intervals, plots over the axis with the
/// most values, comparisons entity by entity, cost, and where each run lies. No
/// script, nothing loaded from elsewhere, everything from outside escaped.
/// @pre `found` was made from `table`.
[[nodiscard]] std::string
make_comparison_report(const run_table& table, const comparison& found,
                       const comparison_report_options& opts);

} // namespace starling::experiment
