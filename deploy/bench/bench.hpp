#pragma once

#include <optional>
#include <string>

namespace starling::deploy {

/// What `starling bench` is asked to do.
struct bench_options {
  /// Fewer rounds and shorter ones: says that it works, not how fast it is.
  bool quick = false;
  /// Measures what bears this name, and nothing else; see `--only` in the help
  /// text. Empty: everything.
  std::string only;
  /// Runs all processes on this processor. Round trips then show what a message
  /// costs, not how fast idle processors wake up.
  std::optional<unsigned> cpu;
  /// Prints one JSON object in place of the table.
  bool json = false;
};

/// Measures this machine's nodes beside raw TCP and beside plain CAF, each in
/// processes of its own on loopback, and prints what it found. Returns the
/// program's exit code: 0, 1 if a measurement failed, 2 for wrong options.
///
/// @pre `init_message_types` was called and the process has one thread: others
/// would not live on in the processes that are forked.
int run_bench(const bench_options& opts);

} // namespace starling::deploy
