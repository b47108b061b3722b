#pragma once

#include <caf/intrusive_ptr.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/resumable.hpp>

#include <cstddef>
#include <deque>

namespace starling::event_loop {

/// CAF's event loop, with a queue of its own for what its thread wakes.
///
/// CAF asks the system for events between any two links of a chain of actors
/// that wake each other; a message between nodes passes three of them on either
/// side. Here the whole chain runs first, up to a bound, and quick actors (see
/// `mark_quick`) run at its end without a switch to another thread.
class direct_loop : public caf::io::network::default_multiplexer {
public:
  /// Wake-ups in a row before the system is asked for events again.
  static constexpr size_t burst_max = 256;

  /// Messages that one actor handles a turn.
  static constexpr size_t messages_max = 256;

  using default_multiplexer::default_multiplexer;

  ~direct_loop() override;

  void exec_later(caf::resumable* job) override;

  bool try_run_once() override;

  void run_once() override;

  void run() override;

private:
  [[nodiscard]] bool runs_here(caf::resumable* job) const;
  /// Runs what is ready, then takes the system's events; waits for some if it
  /// may and nothing is ready. Returns whether anything happened.
  bool run_round(bool may_wait);
  bool run_burst();

  std::deque<caf::intrusive_ptr<caf::resumable>> ready_;
};

} // namespace starling::event_loop
