#pragma once

#include "deploy/control/request.hpp"
#include "runtime/result.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace starling::control {

/// Takes one line of news about a long job; false when nobody listens any more.
using progress_sink = std::function<bool(const json&)>;

/// What a server does with what it is asked. Called from several threads at a
/// time.
struct server_parts {
  /// Path of the UNIX socket.
  std::filesystem::path socket;
  std::function<result<json>(const request&)> answer;
  /// Answers POST /v1/experiments: news by lines of JSON, the last one is the
  /// result or the error.
  std::function<result<json>(const request&, const progress_sink&)> run;
  /// Returns the measurements in Prometheus' text format.
  std::function<std::string()> metrics;
  /// Does the node take part in its cluster? The error says what is missing.
  std::function<result<void>()> ready;
  /// Does the node still do anything?
  std::function<result<void>()> alive;
};

struct server_limits {
  /// Connections served at a time; more wait.
  size_t threads = 6;
  /// Long jobs at a time; more are refused with limit_reached.
  size_t jobs_max = 2;
  /// How long a client may take to send or take the next bytes.
  std::chrono::seconds read_timeout{5};
  std::chrono::seconds write_timeout{5};
  /// Requests on one connection, and how long it may idle between them.
  size_t keep_alive_max = 100;
  std::chrono::seconds keep_alive_timeout{2};
};

/// The control interface of a node: HTTP/1.1 with JSON on a UNIX socket that
/// only its owner can use (mode 0600), so that curl is a client:
///
///     curl --unix-socket control.sock http://node/v1/status
///
/// Who owns the process owns the node, so there is no further check. Also
/// /metrics, /alive and /ready for those who watch.
class control_server {
public:
  /// Binds the socket and serves until it goes. A socket that nobody answers is
  /// replaced. Errors: wrong_state (another process answers there), file_error.
  static result<std::unique_ptr<control_server>>
  start(server_parts parts, const server_limits& limits = {});

  ~control_server();

  control_server(const control_server&) = delete;
  control_server& operator=(const control_server&) = delete;

private:
  struct content;

  explicit control_server(std::unique_ptr<content> parts);

  std::unique_ptr<content> content_;
};

} // namespace starling::control
