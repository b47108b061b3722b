#pragma once

#include "actors/adversary/attack.hpp"
#include "actors/tree/population_check.hpp"
#include "actors/tree/summary_round.hpp"
#include "runtime/result.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace starling::arena {

/// One node of the tree in one epoch.
struct tree_node {
  peer_id id;
  /// One figure an agent.
  std::vector<double> figures;
  bool lies = false;
  /// How each of its agents leaves what is usual for it; empty if none does.
  std::vector<float> deviation{};
};

struct tree_epoch_options {
  tree::summary_round::options round;
  uint64_t epoch = 0;
  /// Independent trees; of their answers the middle one counts.
  uint32_t replicas = 1;
  /// As in `tree::checked`; nothing switches the check off.
  std::optional<double> deviations = 1.0;
  /// Where liars lie at all, they say that everybody moves along this, of
  /// length 1; empty: the truth.
  std::vector<float> false_direction{};
};

struct tree_epoch_result {
  /// What each node believes in the end, in the order of the nodes; nothing
  /// where no quorum answered.
  std::vector<std::optional<tree::population_figures>> believed;
  /// Messages sent, and the numbers in them, of eight bytes each.
  uint64_t messages = 0;
  uint64_t numbers = 0;
};

/// Lets all nodes play one epoch of the summary tree, with the models that the
/// actor uses, without delay or loss. Liars send what `lies` makes of their
/// summaries; `middle` and `spread` are those of the honest figures, which
/// liars know. Errors: those of `summary_round`.
result<tree_epoch_result>
play_tree_epoch(std::span<const tree_node> nodes, const adversary::attack& lies,
                double middle, double spread, const tree_epoch_options& opts);

} // namespace starling::arena
