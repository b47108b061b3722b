#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace starling::arena {

/// How the summary tree is tried by itself.
struct tree_choice {
  size_t fanout = 8;
  size_t committee = 48;
  double check_deviations = 2.0;
  /// Sizes of trees that are tried with one agent a node; may be empty.
  std::vector<size_t> nodes = {50, 512};
  /// Epochs of each.
  size_t trials = 5;
};

/// What an arena file says.
struct arena_options {
  std::string name = "byzantine";
  /// Agents, and nodes that host them in turn.
  size_t agents = 200;
  size_t nodes = 100;
  /// Nodes that watch each agent, drawn by hash.
  size_t witnesses = 15;
  /// Honest nodes whose view is followed.
  size_t observers = 12;
  /// Folder of recorded behaviour, of which the training part is taken as
  /// honest; empty: behaviour is made up.
  std::filesystem::path data;
  /// Of made-up behaviour.
  size_t features = 8;
  size_t kinds = 3;
  size_t train_rows = 800;
  /// Rows under attack.
  size_t rows = 288;
  std::chrono::nanoseconds row_interval = std::chrono::minutes{5};
  /// Checks of the witnesses' words before the attack, when all tell the truth.
  size_t truths = 24;
  /// Rows between two looks at what witnesses said, and between two epochs of
  /// the tree.
  size_t check_rows = 12;
  size_t epoch_rows = 72;
  std::string detector = "flock";
  /// Shares of nodes that lie.
  std::vector<double> shares = {0.1, 0.2, 0.33, 0.45};
  /// Names from the catalogue, in this order; empty: all.
  std::vector<std::string> attacks;
  /// Parameters by attack.
  std::map<std::string, std::map<std::string, double>> parameters;
  /// Runs of each cell, with seeds from `seed` on.
  size_t runs = 5;
  uint64_t seed = 1;
  tree_choice tree;
};

} // namespace starling::arena
