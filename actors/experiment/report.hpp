#pragma once

#include "actors/experiment/experiment_result.hpp"
#include "actors/experiment/summary.hpp"
#include "runtime/result.hpp"

#include <filesystem>
#include <string>

namespace starling::experiment {

struct report_options {
  /// Lines shown of zone changes, incidents and events each; the rest is
  /// counted and stands in the CSV files.
  size_t lines_max = 200;
  /// Entities drawn; those beyond only appear in tables.
  size_t plots_max = 100;
};

/// Returns one self-contained HTML page: no script, nothing loaded from
/// elsewhere, everything that came from outside escaped. The same input gives
/// the same bytes.
/// @pre `summary` was made from `input`.
[[nodiscard]] std::string make_report(const experiment_result& input,
                                      const experiment_summary& summary,
                                      const report_options& opts = {});

/// Writes `scores.csv`, `events.csv`, `summary.json` and `report.html` into a
/// folder, which is made if it is missing; each file appears whole or not at
/// all. Returns the summary. Errors: those of `summarise`; file_error.
result<experiment_summary> write_report(const std::filesystem::path& folder,
                                        const experiment_result& input,
                                        const report_options& opts = {});

} // namespace starling::experiment
