#pragma once

#include "deploy/node/private_node.hpp"
#include "deploy/starling/program.hpp"
#include "deploy/starling/sweep_runner.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

namespace starling::cli {

/// Where the runs of a sweep run.
struct sweep_place {
  experiment_runner run;
  /// As many runs at a time if the user names no number.
  size_t jobs = 1;
  /// More can't run at a time.
  size_t jobs_max = 1;
  /// Holds what `run` needs, if anything.
  std::shared_ptr<deploy::private_node> local;
};

/// Runs in this process, with what the folders of plugins bring. @pre message
/// types are initialised. Errors: those of the plugins and of the node's start.
[[nodiscard]] result<sweep_place>
place_here(const std::vector<std::filesystem::path>& plugin_dirs);

/// Runs on the cluster that --cluster or --control names: each run is done
/// whole by one of its living members, asked through those whose control
/// sockets are on this machine. A run whose node goes away is given to the next
/// one. Errors: unreachable, those of the nodes.
[[nodiscard]] result<sweep_place> place_on_cluster(const program& shared);

/// Whether the command line names a cluster.
[[nodiscard]] bool names_cluster(const program& shared);

} // namespace starling::cli
