#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace starling::experiment {

/// The zone of an entity changed.
struct zone_change_note {
  /// Row of the test file, from 0.
  size_t t = 0;
  /// Names as in "TRUSTED", "MONITORED", "QUARANTINED", "ISOLATED".
  std::string from;
  std::string to;
  /// A sentence for people.
  std::string reason;
  /// Level that caused it, in [0, 1].
  double level = 0.0;
};

/// Something that happened during a run: a line of `events.csv`.
struct event_note {
  /// Row of the entity it belongs to, or milliseconds since the start where
  /// there is no entity.
  int64_t t = 0;
  /// Empty if it concerns a whole node.
  std::string entity;
  std::string node;
  /// For example "zone", "route", "spawn", "restart".
  std::string kind;
  std::string from;
  std::string to;
  std::optional<double> level;
  std::string detail;
};

/// What it took.
struct cost_note {
  /// Time inside the scorer, microseconds a vector.
  double micros_per_vector = 0.0;
  /// Vectors scored.
  uint64_t rows = 0;
  /// Bytes sent between nodes.
  uint64_t bytes = 0;
};

/// What a node's place in the summary tree came to.
struct tree_note {
  /// Summaries that it handed up, or closed as the root; and those of them that
  /// lack the part of someone.
  uint64_t epochs_closed = 0;
  uint64_t epochs_incomplete = 0;
  /// The newest summary of all agents that it had, and the agents that it
  /// stands for; 0 if it had none.
  uint64_t population_epoch = 0;
  double population_agents = 0.0;
};

/// A node that took part to the end.
struct node_note {
  std::string name;
  /// Entities that it watched.
  size_t watched = 0;
  /// Times that it came, or came back, while the experiment ran.
  uint32_t joined = 0;
  /// Nothing without a tree, or if it did not answer.
  std::optional<tree_note> tree;
};

/// One entity's run.
struct entity_result {
  std::string name;
  /// Name of the node that ran its agent.
  std::string node;
  /// One a test row; 1 = anomalous.
  std::vector<uint8_t> labels;
  /// Raw scores, which rank; finite, higher = stranger.
  std::vector<double> scores;
  /// Calibrated levels in [0, 1], which decide on zones.
  std::vector<double> levels;
  /// One vector of scores a baseline, in the order of
  /// `experiment_result::baselines`.
  std::vector<std::vector<double>> baseline_scores;
  /// In the order of time; every entity starts TRUSTED.
  std::vector<zone_change_note> zone_changes;
  cost_note cost;
};

/// All that a run brought to light: what summary and report are made of.
struct experiment_result {
  std::string name;
  std::string detector;
  uint64_t seed = 0;
  /// Handed in: nothing below reads a clock.
  std::chrono::system_clock::time_point started;
  std::chrono::nanoseconds duration{0};
  /// The experiment file and data folder, as the user named them; empty if
  /// unknown. They appear in "how to reproduce".
  std::string file;
  std::string data;
  /// Thresholds on levels that the zones used.
  double trusted_below = 0.3;
  double monitored_above = 0.8;
  double quarantined_above = 0.95;
  /// Rows that a level speaks about, see `detector::calibrator`.
  double horizon_rows = 16.0;
  std::vector<std::string> baselines;
  std::vector<double> baseline_micros;
  std::vector<entity_result> entities;
  std::vector<event_note> events;
  /// In the order in which they first came.
  std::vector<node_note> nodes;
};

} // namespace starling::experiment
