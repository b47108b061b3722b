#pragma once

#include "deploy/cluster/cluster_record.hpp"
#include "deploy/control/control_client.hpp"
#include "deploy/control/request.hpp"
#include "runtime/result.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
} // namespace CLI

namespace starling::cli {

using control::json;

/// What the program's exit code means to scripts.
enum exit_code : int {
  done = 0,
  /// It was tried and failed.
  failed = 1,
  /// The command line is wrong; nothing was tried.
  usage = 2,
  /// The node does not answer, or no cluster is there.
  not_reachable = 3,
  /// Whoever was asked refused.
  refused = 4,
};

[[nodiscard]] exit_code exit_code_of(ec code);

/// What all commands share: the global options, where nodes are, and how
/// results are shown.
class program {
public:
  /// --json: one JSON object on standard output instead of text for people.
  bool as_json = false;
  /// --control: socket of the node to talk to.
  std::string control;
  /// --cluster: folder of the cluster, or its cluster file.
  std::string cluster;
  /// What `run` returns.
  exit_code code = done;

  /// Shows a result: `content` for scripts, or what `text` makes of it.
  void show(const result<json>& content,
            const std::function<std::string(const json&)>& text);

  /// Shows an error and sets the exit code.
  void fail(const failure& reason);

  /// Returns a client of the node to talk to: --control, else the variable
  /// STARLING_CONTROL, else the first node that answers of --cluster or of the
  /// newest cluster below the current folder. Errors: file_error, unreachable.
  result<control::control_client> client() const;

  /// Returns the folder that --cluster means, else that of the newest cluster
  /// below the current folder. Errors: file_error, those of a cluster file.
  result<std::filesystem::path> cluster_folder() const;
};

/// What --plugins is for, and why it doesn't go with a cluster.
inline constexpr auto plugins_help
  = "Folder of plugins with detectors of one's own, e.g. build";
inline constexpr auto plugins_elsewhere
  = "--plugins is for runs in this process; the nodes of a cluster load what "
    "'plugin_dirs' in their files names";

/// Path of the running program.
[[nodiscard]] std::filesystem::path program_path();

/// Runs the command line; returns the exit code.
int run(int argc, char** argv);

/// Adds all commands to `app`; `shared` outlives it.
void add_commands(CLI::App& app, program& shared);

} // namespace starling::cli
