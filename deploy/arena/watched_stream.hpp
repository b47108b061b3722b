#pragma once

#include "actors/adversary/attack.hpp"
#include "actors/zone/zone_policy.hpp"
#include "deploy/arena/behaviour.hpp"

namespace starling::arena {

/// What honest witnesses see of one agent, row by row under attack: they all
/// have the same rows and the same detector.
struct watched_stream {
  /// Logarithm of one plus the raw score: what goes up the tree.
  std::vector<double> figures;
  std::vector<trust_zone> zones;
};

/// Lets one agent behave, honestly or as `attack` has it (may be null), and
/// watches it with scorer, calibrator and zone book as a node does. `model` is
/// an honest agent of its kind. Errors: those of the detector.
result<watched_stream> watch(const arena_options& opts, size_t agent,
                             const behaviour& own, const behaviour& model,
                             const adversary::attack* attack);

} // namespace starling::arena
