#pragma once

#include "actors/scale/behaviour_model.hpp"
#include "actors/scale/verdict_tally.hpp"
#include "deploy/scale/metered_actor.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace starling::deploy {

/// What is measured, at each size alike.
struct scale_plan {
  std::vector<size_t> sizes = {10, 50, 100, 500, 2'000, 10'000, 100'000};
  /// Its number of agents is ignored.
  scale::population_plan population;
  /// Name as in `detector::make_scorer`.
  std::string scorer = "flock";
  /// Rows that a level speaks about; see `detector::calibrator`.
  double horizon_rows = 16.0;
  /// Rows after which a past score counts half; likewise.
  double half_life_rows = 4096.0;
  /// Rows in one message.
  uint32_t batch_rows = 30;
  /// Agents on one node; there are two nodes at least.
  size_t node_agents = 100;
  /// Agents that work together.
  size_t ring_agents = 8;
  /// Nodes whose agents are trained at the same time: bounds memory.
  size_t training_nodes = 4;
  /// Rows of one epoch of the summary tree, and of the pairwise method. The
  /// population moves on an epoch at a time.
  uint32_t epoch_rows = 60;
  /// Nodes whose agents go through an epoch at the same time; 0: all of them.
  /// On a machine of its own a node has a cache for its agents alone; here that
  /// is so as long as few nodes take turns.
  size_t live_nodes = 2;
  /// The pairwise method is given up at the size where one epoch would take
  /// longer than this.
  std::chrono::seconds pairwise_max{60};
  /// Processors that rows flow on; 0: all of them. What threads lose by taking
  /// turns with one queue, and by passing on what lies in each other's caches,
  /// follows from what else the machine does, not from the number of agents.
  size_t live_processors = 1;
  /// A size that takes longer is given up.
  std::chrono::seconds patience{1800};

  /// Returns how many rows gates move by: an epoch, in whole batches.
  [[nodiscard]] uint64_t step_rows() const {
    const auto batches = (epoch_rows + batch_rows - 1) / batch_rows;
    return uint64_t{batches} * batch_rows;
  }
};

/// What one size cost.
struct scale_point {
  uint64_t agents = 0;
  uint64_t nodes = 0;
  /// Rows of each agent while costs were counted.
  uint64_t rows = 0;
  /// Spawning, wiring and starting all actors.
  double setup_ms = 0.0;
  /// Processor time of that: what it would take on idle processors at most.
  double setup_cpu_ms = 0.0;
  double training_ms = 0.0;
  double live_ms = 0.0;
  /// Scoring and calibrating one vector, inside the detector.
  double detection_us = 0.0;
  /// Of batches, divided by their rows. The mean may lie above: a thread that
  /// lost its processor within a batch is a rare and long delay.
  double detection_us_p50 = 0.0;
  double detection_us_p99 = 0.0;
  /// By being cut off, at all and for long.
  scale::verdict_tally quarantined;
  scale::verdict_tally isolated;
  /// Misbehaving ones that are not among those found, since they were cut off
  /// when they began and stayed so.
  uint64_t already_cut_off = 0;
  /// Found ones of each kind of misconduct, and how many there were.
  std::map<std::string, std::pair<uint64_t, uint64_t>> found_by_kind;
  /// Rows of honest agents above the quarantine threshold, of those rows that
  /// were looked at.
  uint64_t false_alarms = 0;
  uint64_t honest_rows = 0;
  /// Entries into QUARANTINED or ISOLATED.
  uint64_t quarantine_actions = 0;
  /// How often agents that never misbehave were cut off; one that goes from
  /// QUARANTINED to ISOLATED is cut off already.
  uint64_t false_entries = 0;
  /// Rows that those were judged at.
  uint64_t honest_rows_judged = 0;
  /// Rows from the first wrong one to the verdict, median of those found.
  double delay_rows = 0.0;
  /// Messages that actors processed, on all nodes.
  uint64_t messages = 0;
  /// Of those, between nodes.
  traffic crossing;
  std::map<std::string, traffic> crossing_by_type;
  /// Of the process, while rows flowed.
  double cpu_s = 0.0;
  /// Of that, what making up rows costs, as measured apart.
  double generating_cpu_s = 0.0;
  /// What the process grew by.
  uint64_t resident_bytes = 0;
  /// Of one detector, mean.
  double detector_bytes = 0.0;
  uint64_t epochs = 0;
  uint64_t epochs_incomplete = 0;

  [[nodiscard]] double cpu_us_per_row() const;
  /// How often honest agents are cut off, for 100 of them and a day of 288
  /// rows.
  [[nodiscard]] double falsely_cut_off_per_day() const;
  [[nodiscard]] double bytes_resident_per_agent() const;
};

/// What the pairwise method cost at one size, for one epoch.
struct pairwise_point {
  uint64_t agents = 0;
  /// Part of the agents that were compared before it was given up; 1 if all.
  double done = 0.0;
  /// Projected from `done`.
  double cpu_s = 0.0;
  /// One vector to each other agent.
  double messages = 0.0;
  double bytes = 0.0;
  scale::verdict_tally found;
};

[[nodiscard]] nlohmann::json to_json(const scale_point& x);
[[nodiscard]] scale_point scale_point_of(const nlohmann::json& x);
[[nodiscard]] nlohmann::json to_json(const pairwise_point& x);
[[nodiscard]] pairwise_point pairwise_point_of(const nlohmann::json& x);

} // namespace starling::deploy
