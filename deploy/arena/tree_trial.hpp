#pragma once

#include "actors/adversary/attack.hpp"
#include "deploy/arena/tree_epoch.hpp"
#include "runtime/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace starling::arena {

/// Which nodes lie.
enum class seating : uint8_t {
  /// Drawn by lot, before places are known.
  random,
  /// Chosen after the places of the epoch are known, inner committees first,
  /// but fewer than a third of each committee.
  thirds,
  /// Chosen likewise without any bound: from the root down.
  top,
};

[[nodiscard]] std::string_view name_of(seating how);

struct tree_trial_options {
  size_t nodes = 512;
  /// Share of the nodes that lie, in [0, 1).
  double liars = 0.33;
  seating how = seating::random;
  tree_epoch_options epoch;
  uint64_t seed = 1;
};

/// How far honest nodes are off the median of the honest figures, in standard
/// deviations of those.
struct tree_trial_result {
  /// Error of the median and of the mean of the middle third, one of each an
  /// honest node that heard anything, ascending.
  std::vector<double> median_errors;
  std::vector<double> mean_errors;
  /// Share of all agents by which what it believes is off along the direction
  /// in which half of the honest agents move, and along the one that only
  /// liars say; likewise.
  std::vector<double> common_errors;
  std::vector<double> false_shares;
  /// Honest nodes that heard nothing.
  size_t unheard = 0;
  size_t liars = 0;
  /// For each node.
  double messages = 0.0;
  double bytes = 0.0;
};

/// Plays one epoch with one agent a node, whose figure is a standard normal
/// variate. Half of the honest agents move along the first of eight features,
/// some of the others each in a way of its own; liars say that all move along
/// the second one. Errors: those of `play_tree_epoch`.
result<tree_trial_result> run_tree_trial(const tree_trial_options& opts,
                                         const adversary::attack& lies);

/// Returns an id that follows from numbers.
[[nodiscard]] peer_id drawn_id(uint64_t seed, uint64_t index);

} // namespace starling::arena
