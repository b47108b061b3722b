#pragma once

#include "actors/experiment/experiment_result.hpp"
#include "actors/experiment/summary.hpp"

#include <cstddef>
#include <string>

namespace starling::experiment {

// The tables of the report, as HTML. Those that may grow long show at most
// `lines_max` lines and say how many they leave out and where those stand.

/// Detector and baselines over all entities, raw and smoothed; the best of each
/// kind is bold.
[[nodiscard]] std::string comparison_table(const experiment_summary& summary);

/// The same by family, a small table each.
[[nodiscard]] std::string family_tables(const experiment_summary& summary);

/// False alarms, incidents hit and delay, by family.
[[nodiscard]] std::string level_table(const experiment_summary& summary);

/// One line an entity; those below `plots` link to their plot ("#e0").
[[nodiscard]] std::string entity_table(const experiment_summary& summary,
                                       size_t plots);

/// When each incident was seen.
[[nodiscard]] std::string incident_table(const experiment_summary& summary,
                                         size_t lines_max);

/// Who was put where, and why.
[[nodiscard]] std::string zone_change_table(const experiment_result& input,
                                            size_t lines_max);

/// What else happened.
[[nodiscard]] std::string event_table(const experiment_result& input,
                                      size_t lines_max);

/// Who did the work.
[[nodiscard]] std::string node_table(const experiment_summary& summary);

} // namespace starling::experiment
