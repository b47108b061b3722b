#pragma once

#include "actors/tree/quantile_summary.hpp"

namespace starling::tree {

/// Share cut off at each end by default: a third, the most liars that an
/// asynchronous system can bear, and room for what a few captured committees
/// add to them.
inline constexpr double trim_default = 0.4;

/// Returns the value in the middle of the total weight. Breaks only when half
/// of the weight lies. @pre not empty.
[[nodiscard]] double weighted_median(const quantile_summary& summary);

/// Returns the mean of what is left when the share `trim`, in [0, 0.5), of the
/// total weight is cut off at each end. Holds while fewer than `trim` lie, and
/// then lies between two honest values. @pre not empty.
[[nodiscard]] double trimmed_mean(const quantile_summary& summary,
                                  double trim = trim_default);

/// Returns the median distance from the median, scaled to equal the standard
/// deviation on a normal distribution (1.4826). @pre not empty.
[[nodiscard]] double robust_deviation(const quantile_summary& summary);

} // namespace starling::tree
