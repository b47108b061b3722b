#pragma once

#include "deploy/bench/child_process.hpp"
#include "runtime/event_loop/socket.hpp"
#include "runtime/result.hpp"

#include <cstdio>
#include <functional>
#include <optional>
#include <string>

namespace starling::deploy {

/// A child process that is told what to do by lines of text, and answers by
/// lines.
class commanded_child {
public:
  /// Returns the next command; nothing when there is nobody to give one.
  using listen_fun = std::function<std::optional<std::string>()>;
  using task_fun
    = std::function<void(const child_process::say_fun&, const listen_fun&)>;

  /// Forks. Errors: limit_reached.
  /// @pre this process has one thread.
  static result<commanded_child> start(task_fun task);

  /// Errors: connection_closed.
  result<void> tell(const std::string& command);

  /// As in `child_process`.
  result<std::string>
  next_line(std::chrono::steady_clock::time_point deadline) {
    return child_.next_line(deadline);
  }

private:
  commanded_child(child_process child, event_loop::unique_fd output)
    : child_{std::move(child)},
      output_{std::move(output)} {
    // nop
  }

  child_process child_;
  event_loop::unique_fd output_;
};

} // namespace starling::deploy
