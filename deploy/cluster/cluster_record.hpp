#pragma once

#include "deploy/cluster/process.hpp"
#include "messages/peer_id.hpp"
#include "runtime/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace starling::cluster {

/// One node as `starling up` left it.
struct node_record {
  std::string name;
  peer_id id;
  /// Empty: this machine.
  std::string host;
  /// The node file.
  std::filesystem::path file;
  std::filesystem::path control;
  std::filesystem::path log;
  std::vector<std::string> addresses;
  /// Put out of the cluster: it is not started again under this identity.
  bool revoked = false;
  /// The process that runs it; pid 0: none.
  process running;

  friend bool operator==(const node_record&, const node_record&) = default;
};

/// What a cluster's folder knows of its nodes; kept in cluster.json.
struct cluster_record {
  std::string name;
  std::filesystem::path folder;
  std::vector<node_record> nodes;

  friend bool operator==(const cluster_record&, const cluster_record&)
    = default;
};

/// Where the parts of a cluster's folder lie.
struct cluster_paths {
  explicit cluster_paths(const std::filesystem::path& cluster);

  std::filesystem::path folder;
  /// The cluster's identity, encrypted under the content of `passphrase`.
  std::filesystem::path key;
  std::filesystem::path passphrase;
  std::filesystem::path public_key;
  std::filesystem::path record;
};

/// Reads the record of a cluster's folder. Errors: file_error,
/// malformed_input.
[[nodiscard]] result<cluster_record>
load_record(const std::filesystem::path& folder);

/// Errors: file_error.
[[nodiscard]] result<void> save_record(const cluster_record& x);

/// Returns the folder of the cluster that was started last: `base`/cluster, or
/// a folder in it. Errors: file_error (there is none).
[[nodiscard]] result<std::filesystem::path>
newest_cluster(const std::filesystem::path& base);

} // namespace starling::cluster
