#pragma once

#include "runtime/event_loop/guest_policy.hpp"

#include <caf/intrusive_ptr.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/resumable.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>

namespace starling::event_loop {

/// CAF's event loop, with a queue of its own for what its thread wakes, and
/// with a second thread that takes it over.
///
/// CAF asks the system for events between any two links of a chain of actors
/// that wake each other; a message between nodes passes three of them on either
/// side. Here the whole chain runs first, up to a bound.
///
/// At its end stands an ordinary actor. To run it elsewhere takes a switch of
/// threads, and one more for its answer. So the loop's thread runs it as a
/// guest, if it was fast so far (see `guest_policy`). Should it block or
/// compute for long after all, the other thread goes on with the loop within
/// two `watch_tick`s, and the first follows when its guest has come to an end
/// (leader/followers: Schmidt et al., Pattern-Oriented Software Architecture,
/// volume 2, 2000).
class direct_loop : public caf::io::network::default_multiplexer {
public:
  /// Wake-ups in a row before the system is asked for events again.
  static constexpr size_t burst_max = 256;

  /// Messages that one broker handles a turn.
  static constexpr size_t messages_max = 256;

  /// Turns of guests before the system is asked for events again.
  static constexpr size_t guest_turns_max = 16;

  /// Messages that a guest handles a turn. One that has more waiting goes on in
  /// the scheduler's threads, which take them while the loop brings the next.
  static constexpr size_t guest_messages_max = 8;

  /// How often the follower looks at a leader that has a guest.
  static constexpr auto watch_tick = std::chrono::milliseconds{1};

  /// Ticks without any guest until the follower sleeps till the next.
  static constexpr unsigned idle_ticks_max = 16;

  using default_multiplexer::default_multiplexer;

  ~direct_loop() override;

  /// Takes over a reference to `job`.
  /// @threadsafe
  void exec_later(caf::resumable* job) override;

  bool try_run_once() override;

  void run_once() override;

  /// Runs until nothing is watched any more, on two threads of its own, which
  /// have ended when it returns.
  void run() override;

  /// Returns whether the calling thread runs this loop at the moment.
  /// @threadsafe
  [[nodiscard]] bool led_here() const;

private:
  /// Runs one round on the thread that called, with no other to follow it.
  bool run_here(bool may_wait);

  /// What each of the two threads does.
  void work(unsigned seat);
  /// Waits until the leader is stuck. Returns false if the loop has ended.
  bool follow(unsigned seat);
  /// Returns whether the loop has ended; if not, the other thread leads now.
  bool lead();

  /// Runs what is ready, then takes the system's events; waits for some if it
  /// may and nothing is ready. Returns whether anything happened. This thread
  /// may no longer lead then.
  bool run_round(bool may_wait);
  bool run_burst();
  /// Runs the guest. Returns whether this thread still leads.
  bool host();
  /// Returns whether the job will run here.
  bool keep(caf::resumable* job);

  // Of the thread that leads, and under the lock while it has a guest.
  std::deque<caf::intrusive_ptr<caf::resumable>> ready_;
  caf::intrusive_ptr<caf::resumable> guest_;
  guest_policy policy_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // All below under the lock.
  unsigned leader_ = 0;
  bool follower_waits_ = false;
  /// Whether the follower wakes up each tick.
  bool watched_ = false;
  /// The guest that runs, 0 for none.
  uint64_t hosted_ = 0;
  uint64_t turns_ = 0;
  bool ended_ = false;
};

} // namespace starling::event_loop
