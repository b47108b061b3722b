#pragma once

#include "actors/link/memory_network.hpp"
#include "tests/support/deterministic_system.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

namespace starling::test {

/// Several actor systems and the network between them, all in one virtual time
/// and on one thread.
class lockstep {
public:
  using time_point = deterministic_system::time_point;

  explicit lockstep(link::memory_network& network) : network_{network} {
    // nop
  }

  /// The system must outlive this.
  void add(deterministic_system& system) {
    systems_.push_back(&system);
  }

  [[nodiscard]] time_point now() const {
    return systems_.front()->now();
  }

  /// Handles all that is due now, in all systems, and what follows from it.
  void run() {
    auto worked = true;
    while (worked) {
      worked = network_.deliver_due(now()) > 0;
      for (auto* system : systems_)
        worked = system->run() || worked;
    }
  }

  /// Lets `duration` pass, from event to event.
  void advance(std::chrono::nanoseconds duration) {
    const auto end = now() + duration;
    run();
    for (auto due = next_due(); due && *due <= end; due = next_due())
      step_to(*due);
    step_to(end);
  }

private:
  [[nodiscard]] std::optional<time_point> next_due() const {
    auto result = network_.next_due();
    for (auto* system : systems_)
      if (auto due = system->next_due(); due && (!result || *due < *result))
        result = due;
    return result;
  }

  void step_to(time_point when) {
    for (auto* system : systems_)
      system->advance_to(when);
    run();
  }

  link::memory_network& network_;
  std::vector<deterministic_system*> systems_;
};

} // namespace starling::test
