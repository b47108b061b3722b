#pragma once

#include "deploy/arena/arena_options.hpp"
#include "deploy/arena/duel.hpp"
#include "deploy/arena/tree_trial.hpp"
#include "runtime/result.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace starling::arena {

/// A figure over several runs.
struct estimate {
  double mean = 0.0;
  /// Half of the 95 % confidence interval of the mean, by Student's t; 0 for a
  /// single run.
  double margin = 0.0;
  /// Runs that have this figure.
  size_t runs = 0;
};

/// Returns mean and margin. Empty input gives no runs.
[[nodiscard]] estimate estimate_of(const std::vector<double>& values);

/// One attack by one share of liars: shares are in [0, 1]; see `duel_result`.
struct arena_cell {
  std::string attack;
  double liars = 0.0;
  estimate honest_framed;
  estimate honest_time;
  estimate honest_chance_time;
  estimate honest_cut;
  estimate honest_chance;
  estimate liars_cut;
  estimate liars_chance;
  estimate liars_time;
  estimate liars_chance_time;
  estimate liars_credibility;
  estimate honest_credibility;
  estimate liar_nodes_cut;
  estimate honest_nodes_cut;
  estimate delay_rows;
  /// Standard deviations of the honest figures.
  estimate error_mean;
  /// The greatest of all runs.
  double error_worst = 0.0;
  /// Likewise of an honest agent's standing among its kind.
  estimate standing_error_mean;
  double standing_error_worst = 0.0;
};

/// One way to build the tree, one size and one share of liars, over all epochs.
struct tree_cell {
  /// "one tree", "7 trees" or "committees".
  std::string scheme;
  size_t nodes = 0;
  double liars = 0.0;
  seating how = seating::random;
  /// Of the median that an honest node believes: typical and greatest error,
  /// and the share of nodes and epochs above `error_max`.
  double error_middle = 0.0;
  double error_worst = 0.0;
  double beyond = 0.0;
  /// Share of all agents by which the believed share of those that move in a
  /// common way is off, and that is believed to move in a way of which only
  /// liars speak: typical and greatest.
  double common_error_middle = 0.0;
  double common_error_worst = 0.0;
  double false_share_middle = 0.0;
  double false_share_worst = 0.0;
  double messages = 0.0;
  double bytes = 0.0;
};

/// What a summary may be off while fewer than a third lie, in standard
/// deviations.
inline constexpr double error_max = 1.1;

struct arena_result {
  arena_options options;
  std::vector<arena_cell> cells;
  std::vector<tree_cell> trees;
};

/// Is told how much of the work is done.
using arena_progress = std::function<void(size_t done, size_t all)>;

/// Runs the whole arena, in one thread; the same options give the same result.
/// Errors: those of the models; unknown_name and invalid_option of attacks.
result<arena_result> run_arena(const arena_options& opts,
                               const arena_progress& progress = {});

} // namespace starling::arena
