#pragma once

#include "actors/detector/scorer.hpp"

#include <span>
#include <vector>

namespace starling::detector {

/// Returns the part of the total energy (sum of squares) each entry has, for
/// the largest ones, at most `scorer::shares_max`, in falling order. Entries
/// without energy are left out.
[[nodiscard]] std::vector<feature_share>
largest_shares(std::span<const float> amplitudes);

} // namespace starling::detector
