#pragma once

#include "runtime/result.hpp"

#include <filesystem>
#include <optional>

namespace starling::deploy {

struct daemon_options {
  std::filesystem::path node_file;
  /// Gets one line of JSON when the node is ready, and is closed: how
  /// `starling up` knows.
  std::optional<int> ready_fd;
};

/// Runs one node in this process until SIGTERM, SIGINT or POST /v1/stop; says
/// on standard output when it is ready, and logs to standard error. To be
/// called before any thread is started, as it takes over these signals.
/// Errors: whatever keeps the node from starting.
result<void> run_daemon(const daemon_options& opts);

} // namespace starling::deploy
