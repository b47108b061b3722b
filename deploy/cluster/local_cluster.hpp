#pragma once

#include "deploy/cluster/cluster_record.hpp"
#include "runtime/config/cluster_options.hpp"
#include "runtime/result.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace Botan {
class RandomNumberGenerator;
} // namespace Botan

namespace starling::cluster {

struct up_options {
  /// The cluster file.
  std::filesystem::path file;
  /// The program that runs a node: `PROGRAM node FILE`.
  std::filesystem::path program;
  /// How long the nodes may take to know each other.
  std::chrono::milliseconds join_timeout = std::chrono::seconds{30};
  /// Takes what is being done, for people.
  std::function<void(const std::string&)> tell = [](const std::string&) {};
};

/// What `up` did.
struct up_report {
  cluster_record cluster;
  /// Names of the nodes that it started; the others ran already.
  std::vector<std::string> started;
  /// Names of nodes that belong to another machine: start them there.
  std::vector<std::string> elsewhere;
};

/// Starts the nodes of a cluster file that don't run yet, each in a process of
/// its own, and waits until all are ready and know each other. Errors: those of
/// the file; file_error, timed_out, connection_closed (a node ended; the text
/// shows the end of its log).
[[nodiscard]] result<up_report> up(const up_options& opts,
                                   Botan::RandomNumberGenerator& rng);

/// What `down` did with one node.
struct down_report {
  std::string name;
  ending how = ending::not_running;
};

/// Ends the nodes of a cluster by SIGTERM, those that stay by SIGKILL after
/// `patience`. Errors: those of the record; wrong_state (a process can't be
/// ended).
[[nodiscard]] result<std::vector<down_report>>
down(const std::filesystem::path& folder,
     std::chrono::milliseconds patience = std::chrono::seconds{10});

} // namespace starling::cluster
