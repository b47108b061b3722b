#pragma once

#include "messages/detector.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace starling {

/// Features of a deviation; later ones are left out.
inline constexpr size_t deviation_features_max = 512;

/// Returns the direction in which a row left what is usual for its agent: an
/// entry a feature, in deviations of which a single one counts eight at most,
/// shortened to length 1. A row that is less than three deviations off in all
/// is as much shorter. Empty where nothing is known.
[[nodiscard]] std::vector<float> deviation_of(const row_evidence& evidence);

/// How much of a deviation others share.
struct shared_deviation {
  /// Part of its squared length, in [0, 1].
  double part = 0.0;
  /// Of all agents, those that move along such directions, in [0, 1].
  double agents = 0.0;
};

/// Holds a deviation against directions as in `population_summary`, of which
/// those count along which at least the share `agents_min` of all agents move.
[[nodiscard]] shared_deviation shared_part(std::span<const float> deviation,
                                           std::span<const float> directions,
                                           size_t features, double agents_min);

} // namespace starling
