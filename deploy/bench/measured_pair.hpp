#pragma once

#include "deploy/bench/child_process.hpp"
#include "deploy/bench/figures.hpp"
#include "runtime/result.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace starling::deploy {

/// Hands figures to the process that prints them. It is called once: the other
/// process then ends this one without waiting for destructors.
class figure_sink {
public:
  explicit figure_sink(child_process::say_fun say) : say_{std::move(say)} {
    // nop
  }

  void operator()(const std::vector<figure>& found) const;

  /// Says why there are no more figures.
  void fail(const std::string& reason) const;

private:
  child_process::say_fun say_;
};

/// Runs two processes: `serve` says in its first line where it can be reached
/// and lives until the other is done; `measure` gets that line. Returns what it
/// measured. Errors: timed_out, connection_closed (one of them ended),
/// wrong_state (what `measure` gave as a reason).
/// @pre this process has one thread.
result<std::vector<figure>>
measure_pair(std::function<void(child_process::say_fun)> serve,
             std::function<void(std::string, figure_sink)> measure,
             std::chrono::seconds patience);

/// The same for one process.
result<std::vector<figure>> measure_alone(std::function<void(figure_sink)> task,
                                          std::chrono::seconds patience);

} // namespace starling::deploy
