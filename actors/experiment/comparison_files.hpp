#pragma once

#include "actors/experiment/comparison.hpp"
#include "actors/experiment/run_table.hpp"

#include <string>

namespace starling::experiment {

// Tables of runs as other programs read them. CSV: RFC 4180 with LF, decimals
// as short as they read back equal, empty cells where a value is undefined.
// The same runs give the same bytes; time, which never repeats, stands in a
// table of its own.

/// A line a run and method: run, a column an axis, repeat, seed, method, role,
/// entities, and each measure, mean over the entities where it is defined.
[[nodiscard]] std::string runs_csv(const run_table& table);

/// A line a run, method and entity: run, a column an axis, repeat, method,
/// entity, and each measure.
[[nodiscard]] std::string entities_csv(const run_table& table);

/// A line a setting, method and measure: a column an axis, method, measure,
/// mean, sd and n over repeats, ci_low and ci_high of 95 % and how they were
/// found ("t" over repeats, "bootstrap" over entities), entities, entity_low
/// and entity_high by bootstrap over entities.
[[nodiscard]] std::string cells_csv(const comparison& found);

/// A line a pair of cells and measure: a column an axis and method of each,
/// measure, wins, ties, losses, mean_difference, its bounds by bootstrap, and p
/// by Wilcoxon's signed ranks.
[[nodiscard]] std::string pairs_csv(const comparison& found);

/// A line a run and method: run, method, us_per_vector.
[[nodiscard]] std::string costs_csv(const run_table& table);

/// All of the above but time, as JSON.
[[nodiscard]] std::string comparison_json(const run_table& table,
                                          const comparison& found);

} // namespace starling::experiment
