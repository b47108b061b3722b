#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace starling::experiment {

/// One of many values, with its place.
struct sample {
  size_t row = 0;
  double value = 0.0;

  friend bool operator==(const sample&, const sample&) = default;
};

/// Returns at most four samples a column, in row order, such that a line
/// through them looks like the line through all values: the first, the last,
/// the least and the greatest of each column. Taking every n-th value, or
/// means, would lose the spikes that matter here. Source: Jugel, Jerzak,
/// Hackenbroich, Markl, "M4: a visualization-oriented time series data
/// aggregation", PVLDB 7(10), 2014, section 4.
/// @pre `columns > 0`.
[[nodiscard]] std::vector<sample> down_sampled(std::span<const double> values,
                                               size_t columns);

} // namespace starling::experiment
