#pragma once

#include "deploy/consensus/consensus_figures.hpp"
#include "runtime/result.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace starling::deploy {

struct consensus_plan {
  /// Path of etcd; empty: the mode without consensus alone.
  std::filesystem::path etcd;
  /// Where members of etcd keep their data; made, and removed at the end.
  std::filesystem::path scratch;
  /// Nodes that cut agents off, beside the one that judges.
  size_t guards = 4;
  /// Verdicts of an undisturbed phase.
  size_t verdicts = 200;
  std::chrono::milliseconds period{20};
  /// After that long in a phase something is broken, and mended so much later.
  std::chrono::milliseconds until_broken{1'000};
  std::chrono::milliseconds broken_for{3'000};
  /// The whole takes no longer.
  std::chrono::seconds patience{300};
};

struct consensus_outcome {
  consensus_plan plan;
  unsigned processors = 0;
  std::vector<mode_figures> figures;
  /// Mean time of etcd's writes to its log, milliseconds; 0 without etcd.
  double fsync_ms = 0.0;
};

/// Runs the phases on five nodes in processes of their own, which end with
/// this call: undisturbed, each mode by itself; then both at once while etcd's
/// leader is killed, while a follower is killed, and while two of its three
/// members stand still. Then with nodes and members that are started anew,
/// since what lets the net be parted costs members time: while the leader is
/// parted from the others, but clients reach all. Errors: those of nodes and
/// etcd; timed_out.
/// @pre this process has one thread.
[[nodiscard]] result<consensus_outcome>
run_consensus(const consensus_plan& plan,
              const std::function<void(const std::string&)>& tell);

[[nodiscard]] std::string to_text(const consensus_outcome& x);
[[nodiscard]] nlohmann::json to_json(const consensus_outcome& x);

/// Writes NAME.csv, NAME.json and NAME.html into a folder, which is made if it
/// is missing. Errors: file_error.
result<void> write_report(const std::filesystem::path& folder,
                          const std::string& name, const consensus_outcome& x);

} // namespace starling::deploy
