#pragma once

#include "actors/tree/population_sketch.hpp"

#include <cstddef>
#include <span>

namespace starling::tree {

/// The figures that are handed down the tree.
struct population_figures {
  /// Agents that they stand for.
  double agents = 0.0;
  double median = 0.0;
  double middle_mean = 0.0;
  double deviation = 0.0;
  std::vector<double> quantiles;
  /// The squared length of a direction is the share of all agents that move
  /// along it, in (0, 1].
  direction_parts directions;
};

/// Returns the figures of a summary, with its values at these ranks.
/// @pre not empty.
[[nodiscard]] population_figures figures_of(const quantile_summary& total,
                                            std::span<const double> ranks);

[[nodiscard]] population_figures figures_of(const population_sketch& total,
                                            std::span<const double> ranks);

/// Returns the median of each figure over what several members of a committee
/// say, and their `median_directions`. @pre not empty, all with as many
/// quantiles.
[[nodiscard]] population_figures
median_figures(std::span<const population_figures> said);

/// What this node believes of the figures that came down: each within
/// `deviations` standard errors, by rank, of the same figure of `sample`, the
/// first-hand word of the `members` of its own committee. Those are a random
/// sample of the population, so honest figures are rarely moved, and then
/// little; and whoever holds the committees above can't move them beyond. The
/// same goes for the share of agents along each direction; what nobody says of
/// others is not added. Returns `said` where `sample` is empty.
[[nodiscard]] population_figures
checked(population_figures said, const population_sketch& sample,
        size_t members, double deviations, std::span<const double> ranks);

} // namespace starling::tree
