#pragma once

#include "actors/tree/population_sketch.hpp"

#include <cstddef>
#include <span>

namespace starling::tree {

/// Returns what a committee says, from what its members say: the summary that
/// more than half of the reports are, bit by bit, or else the median of the
/// reports at each of `points` ranks, with the median of their weights.
///
/// If more than half of the reports come from honest members, every value of
/// the outcome lies between two honest ones of that rank. Honest members of
/// one committee differ only by what liars told them, so what liars below can
/// do is bounded by their number, as if they had reported to one honest place.
/// @pre `reports` is not empty, each passed `quantile_summary::decode`.
[[nodiscard]] summary_parts
median_report(std::span<const summary_parts> reports, size_t points);

/// Returns the directions of a committee, from those of its members: what more
/// than half say, bit by bit, or else the one whose median distance from the
/// others is least. If more than half of the reports come from honest members,
/// it is no farther from one of those than they are from each other.
/// @pre `reports` is not empty, each passed `direction_sketch::decode`.
[[nodiscard]] direction_parts
median_directions(std::span<const direction_parts> reports);

/// Returns both. @pre as for those.
[[nodiscard]] summary_report
median_report(std::span<const summary_report> reports, size_t points);

/// Returns the median of some figures, the lower one of two. Sorts them.
/// @pre not empty.
[[nodiscard]] double median_figure(std::span<double> figures);

} // namespace starling::tree
