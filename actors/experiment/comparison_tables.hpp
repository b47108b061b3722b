#pragma once

#include "actors/experiment/comparison.hpp"
#include "actors/experiment/interval_plot.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace starling::experiment {

// Parts of the report on several runs, as HTML. `measure` is an index into
// `measures()`.

/// Settings down, methods across: mean and half of the interval's width; the
/// best method of a setting is bold.
[[nodiscard]] std::string setting_table(const comparison& found, size_t measure,
                                        size_t lines_max);

/// Each method against the first one of its setting, and settings against the
/// first setting.
[[nodiscard]] std::string pair_table(const comparison& found, size_t measure,
                                     size_t lines_max);

/// Microseconds a vector by method, mean over all runs.
[[nodiscard]] std::string cost_table(const comparison& found);

/// Returns the plots of one measure: the axis of numbers with the most values,
/// else the one with the most values, lies across; there is a plot for each
/// combination of the others.
[[nodiscard]] std::vector<interval_plot_input>
interval_plots(const comparison& found, size_t measure);

} // namespace starling::experiment
