#pragma once

#include "actors/adversary/attack.hpp"
#include "deploy/arena/arena_options.hpp"
#include "deploy/arena/watched_stream.hpp"
#include "runtime/result.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace starling::arena {

/// What one population looks like with one seed: the same for all attacks.
struct cast {
  uint64_t seed = 1;
  std::vector<behaviour> behaviours;
  /// Each agent as it is when honest.
  std::vector<watched_stream> honest;
  /// Nodes in the order in which they are corrupted.
  std::vector<size_t> corrupted;
  /// The witnesses of each agent.
  std::vector<std::vector<size_t>> seats;
};

/// Agents are hosted in turn.
[[nodiscard]] inline size_t host_of(const arena_options& opts, size_t agent) {
  return agent % opts.nodes;
}

/// Draws lots and lets all agents behave honestly. Errors: those of `watch` and
/// of `load_behaviour`.
result<cast> make_cast(const arena_options& opts, uint64_t seed);

/// Lets those agents lie that are hosted on the first nodes to be corrupted;
/// others have an empty stream. Errors: those of `watch`.
result<std::vector<watched_stream>>
make_liars(const arena_options& opts, const cast& who,
           const adversary::attack& attack, size_t liar_nodes);

/// What came of one attack by one share of liars, with one seed. An agent is
/// cut off where most observers believe it to be in QUARANTINED or worse.
struct duel_result {
  /// Share of honest agents cut off at least once, and of their time.
  double honest_cut = 0.0;
  double honest_time = 0.0;
  /// The same agents in the same rows, were nobody lying.
  double honest_chance = 0.0;
  double honest_chance_time = 0.0;
  /// Share of honest agents cut off in a row in which they would not be.
  double honest_framed = 0.0;
  /// Likewise of lying agents: caught, and by chance if they were honest.
  double liars_cut = 0.0;
  double liars_time = 0.0;
  double liars_chance = 0.0;
  double liars_chance_time = 0.0;
  /// Mean credibility of lying and of honest nodes with the observers, in the
  /// end.
  double liars_credibility = 0.0;
  double honest_credibility = 0.0;
  /// Share of nodes that most observers put into quarantine for what their
  /// agents did.
  double liar_nodes_cut = 0.0;
  double honest_nodes_cut = 0.0;
  /// Median of the rows from the beginning of the attack until a liar is cut
  /// off, over those that are.
  std::optional<double> delay_rows;
  /// How far off the summary of its kind is that an honest node believes, in
  /// standard deviations of the honest figures: mean and greatest over nodes
  /// and epochs; nothing where no honest node heard one.
  std::optional<double> error_mean;
  std::optional<double> error_worst;
  /// How far off the standing of an honest agent among those of its kind is, as
  /// its node works it out: distance from the median over the deviation, both
  /// believed instead of true; a deviation is believed to be a tenth of the
  /// true one at least. Mean and greatest, as before. Raw scores and
  /// levels of honest agents follow from their own rows, so nobody moves them.
  std::optional<double> standing_error_mean;
  std::optional<double> standing_error_worst;
};

/// Errors: those of the models.
result<duel_result> fight(const arena_options& opts, const cast& who,
                          const std::vector<watched_stream>& liars,
                          const adversary::attack& attack, size_t liar_nodes);

} // namespace starling::arena
