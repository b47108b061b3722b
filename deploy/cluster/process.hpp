#pragma once

#include "runtime/result.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace starling::cluster {

/// A process, also after its number was given to another one.
struct process {
  pid_t pid = 0;
  /// Clock ticks since the machine started, field 22 of /proc/PID/stat
  /// (proc(5)).
  uint64_t started = 0;

  friend bool operator==(const process&, const process&) = default;
};

/// Returns when the process with that number started, also if it has ended and
/// only waits to be collected; nothing if there is none.
[[nodiscard]] std::optional<uint64_t> start_time_of(pid_t pid);

/// Does exactly this process live? One that waits to be collected does not.
[[nodiscard]] bool is_running(const process& x);

/// A process that was started and has yet to say that it is ready.
struct launched {
  process id;
  /// Where it writes one line when it is ready, and which closes when it ends.
  int ready_fd = -1;
};

/// Starts a program in a session of its own, so that it outlives this one and
/// its terminal; its output is appended to `log` (mode 0600). "--ready-fd N" is
/// added to its arguments; `arguments` begin with the program's path. Errors:
/// file_error.
[[nodiscard]] result<launched> launch(std::vector<std::string> arguments,
                                      const std::filesystem::path& log);

/// Waits for that line, and closes the descriptor. Errors: timed_out,
/// connection_closed (it ended first).
[[nodiscard]] result<std::string>
wait_until_ready(const launched& x, std::chrono::milliseconds timeout);

/// What it took to end a process.
enum class ending { not_running, terminated, killed, alive };

/// Sends SIGTERM to the processes that live, waits, and sends SIGKILL to those
/// that are left then. Returns one ending each.
[[nodiscard]] std::vector<ending>
end_processes(const std::vector<process>& all,
              std::chrono::milliseconds patience);

/// Returns the last lines of a text file, for an error message.
[[nodiscard]] std::string last_lines(const std::filesystem::path& file,
                                     size_t lines_max = 5);

} // namespace starling::cluster
