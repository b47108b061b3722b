#pragma once

#include "runtime/config/node_options.hpp"
#include "runtime/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace starling::config {

/// One node of a cluster file.
struct cluster_node {
  /// Where it runs: empty for this machine.
  std::string host;
  /// The base merged with the node's own table.
  node_options options;

  friend bool operator==(const cluster_node&, const cluster_node&) = default;
};

/// What `starling up FILE` starts.
///
///     [cluster]
///     name = "lab"
///     nodes = 5
///     directory = "lab"
///
///     [base.limits]          # a node file's tables, for all nodes
///     max_peers = 10
///
///     [[node]]               # the first node; the others follow in order
///     name = "alpha"
///     host = "10.0.0.1"
///     [node.limits]          # a node file's tables, for this node
///     max_peers = 20
///
/// A key in a [[node]] replaces that key of the base; lists are replaced whole.
struct cluster_options {
  std::string name = "starling";
  /// Holds one folder a node.
  std::string directory = "cluster";
  /// At least one; names are unique.
  std::vector<cluster_node> nodes;

  friend bool operator==(const cluster_options&, const cluster_options&)
    = default;
};

/// Most nodes one cluster file may start.
inline constexpr uint32_t cluster_nodes_max = 1000;

/// Reads a cluster file's text. Nodes without a name are called NAME-1, NAME-2
/// and so on, and get DIRECTORY/NODE as state_dir unless they name one. `nodes`
/// defaults to the number of [[node]] tables, or 5 without any.
/// Errors: malformed_input, invalid_option.
[[nodiscard]] result<cluster_options>
parse_cluster_options(std::string_view text, std::string file_name,
                      purpose use = purpose::production);

/// Reads a cluster file; paths become absolute, starting at the file's folder.
/// Errors: file_error, malformed_input, invalid_option.
[[nodiscard]] result<cluster_options>
load_cluster_options(const std::filesystem::path& file,
                     purpose use = purpose::production);

} // namespace starling::config
