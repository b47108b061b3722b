#pragma once

#include "actors/experiment/injection.hpp"
#include "actors/experiment/training_poison.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace starling::experiment {

/// Name and parameters of a detector, as its catalog entry takes them.
struct detector_choice {
  std::string name = "flock";
  std::map<std::string, double> parameters;
};

/// Thresholds on the calibrated level, in [0, 1].
struct zone_thresholds {
  double trusted_below = 0.3;
  double monitored_above = 0.8;
  double quarantined_above = 0.95;
};

/// Where agents run.
struct cluster_choice {
  /// True: the cluster that runs already, by its control socket.
  bool running = false;
  /// Else as many nodes, in one process. 1 to 64.
  size_t nodes = 5;
};

/// The tree through which detectors share robust summaries.
struct summary_tree_choice {
  bool enabled = true;
  /// Committees that report to one. 2 to 64.
  size_t fanout = 8;
  /// Nodes of a committee, at least. 1 to 1024.
  size_t committee = 48;
  /// Rows after which a summary is sent and places are drawn anew.
  size_t epoch_rows = 60;
};

/// What an experiment file says.
struct experiment_options {
  std::string name;
  /// Folder with `X.train.csv.gz` and `X.test.csv.gz`.
  std::filesystem::path data;
  /// Names or globs (`asd-*`); empty means all.
  std::vector<std::string> entities;
  /// Rows taken of each test file; 0 means all.
  size_t rows_max = 0;
  detector_choice detector;
  /// Names of detectors to compare with.
  std::vector<std::string> baselines = {"robust-z", "ewma-z"};
  zone_thresholds zones;
  cluster_choice cluster;
  summary_tree_choice summary_tree;
  poison_choice poison;
  injection_choice inject;
  /// Time between two rows: zones are kept in the time of the data.
  std::chrono::nanoseconds row_interval = std::chrono::minutes{5};
  /// Vectors a second and agent; 0 means as fast as they are taken.
  double rate = 0.0;
  uint64_t seed = 1;
};

} // namespace starling::experiment
