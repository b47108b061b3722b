#pragma once

#include "runtime/event_loop/socket.hpp"
#include "runtime/result.hpp"

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>

namespace starling::deploy {

/// A copy of this process that runs one function and says things by lines of
/// text. It dies with its parent and with this object.
class child_process {
public:
  /// Writes to the parent; the text ends with a line's end.
  using say_fun = std::function<void(const std::string&)>;

  /// Forks. The child ends when `task` returns, without running destructors of
  /// what it got from its parent. Errors: limit_reached.
  /// @pre this process has one thread.
  static result<child_process> start(std::function<void(say_fun)> task);

  child_process(child_process&& other) noexcept;
  child_process& operator=(child_process&& other) noexcept;
  ~child_process();

  /// Returns what the child said next, without the line's end. Errors:
  /// connection_closed (it ended), timed_out.
  result<std::string> next_line(std::chrono::steady_clock::time_point deadline);

  /// Kills the child.
  void stop();

private:
  child_process() = default;

  pid_t pid_ = -1;
  event_loop::unique_fd input_;
  std::string pending_;
};

/// Returns the number of threads of this process.
[[nodiscard]] size_t thread_count();

/// Binds this process, and those that it forks from now on, to one processor.
/// Errors: invalid_option (there is no such processor).
result<void> bind_to_processor(unsigned cpu);

} // namespace starling::deploy
