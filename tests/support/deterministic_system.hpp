#pragma once

#include "messages/message_types.hpp"

#include <caf/actor_registry.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/network/multiplexer.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace starling::test {

/// What an actor system of a test can reach.
enum class network : uint8_t {
  /// Nothing: no middleman is loaded.
  none,
  /// CAF's testing backend: brokers run, sockets do not exist.
  simulated,
  /// Real sockets, polled by `run` on the test's own thread.
  sockets,
};

/// Changes an actor system's configuration before the system exists.
using configure_fun = std::function<void(caf::actor_system_config&)>;

/// An actor system on one thread with a clock that only moves when told to:
/// the same test gives the same messages in the same order, without waiting.
/// Several of them can share a test: drive them with `next_due` and
/// `advance_to`.
class deterministic_system {
public:
  using time_point = caf::actor_clock::time_point;

  /// Something outside the actor system that happens at points in virtual
  /// time, such as a modelled network.
  struct event_source {
    /// When the next event happens, nothing if there is none.
    std::function<std::optional<time_point>()> next_due;
    /// Lets everything happen that is due.
    std::function<void(time_point now)> happen;
  };

  /// A `configure` function may load a middleman of its own; it is then run
  /// like CAF's.
  explicit deterministic_system(network net = network::none,
                                const configure_fun& configure = {})
    : sys_{prepare(config_, net, configure)},
      scheduler_{
        dynamic_cast<caf::scheduler::test_coordinator&>(sys_.scheduler())},
      self_{sys_} {
    // Some code takes a time of zero for "never".
    scheduler_.clock().current_time += std::chrono::hours{1};
  }

  deterministic_system(const deterministic_system&) = delete;
  deterministic_system& operator=(const deterministic_system&) = delete;

  /// Drops all timers: each holds a reference to its actor, and the system
  /// waits for the last actor to end.
  ~deterministic_system() {
    run();
    scheduler_.clock().schedule.clear();
    run();
    // A test that forgot an actor shall fail, not hang; `self_` counts as one.
    const auto forgotten = sys_.registry().running() - 1;
    CHECK_MESSAGE(forgotten == 0, "actors outlive their test");
    sys_.await_actors_before_shutdown(forgotten == 0);
  }

  caf::actor_system& sys() {
    return sys_;
  }

  /// An actor outside the scheduler, to send from and to receive with.
  caf::scoped_actor& self() {
    return self_;
  }

  [[nodiscard]] time_point now() {
    return scheduler_.clock().now();
  }

  /// Makes `advance` stop at the events of `source`, which must outlive this.
  void watch(event_source source) {
    sources_.push_back(std::move(source));
  }

  /// Handles messages, and what sockets report, until nothing is left to do.
  /// Returns whether there was anything.
  bool run() {
    auto worked = false;
    while (run_once())
      worked = true;
    return worked;
  }

  /// Returns when the next timer or event is due, nothing if there is none. A
  /// time in the past means now.
  [[nodiscard]] std::optional<time_point> next_due() {
    auto result = std::optional<time_point>{};
    auto& schedule = scheduler_.clock().schedule;
    if (!schedule.empty())
      result = schedule.begin()->first;
    for (const auto& source : sources_)
      if (auto due = source.next_due(); due && (!result || *due < *result))
        result = due;
    return result;
  }

  /// Moves the clock to `when` in one step, lets happen what is due then and
  /// handles what follows from it. Does nothing to the clock if `when` lies in
  /// the past.
  void advance_to(time_point when) {
    set_time(when);
    run();
  }

  /// The same, but leaves what follows from it to the next `run`.
  void set_time(time_point when) {
    auto& clock = scheduler_.clock();
    clock.advance_time(std::max(when, clock.now()) - clock.now());
    for (const auto& source : sources_)
      source.happen(clock.now());
  }

  /// Whether an actor waits for its turn; says nothing of a middleman.
  [[nodiscard]] bool has_jobs() const {
    return scheduler_.has_job();
  }

  /// Lets `duration` pass. Steps from event to event, so that an actor that
  /// renews its timer fires as often as it would in real time.
  void advance(std::chrono::nanoseconds duration) {
    const auto end = now() + duration;
    run();
    for (auto due = next_due(); due && *due <= end; due = next_due())
      advance_to(*due);
    advance_to(end);
  }

  /// Sends a message and handles everything that follows from it.
  template <class Handle, class... Ts>
  void tell(const Handle& receiver, Ts&&... content) {
    self_->send(receiver, std::forward<Ts>(content)...);
    run();
  }

  /// Sends a request; returns its result or error. `sec::request_timeout` says
  /// that no answer has come although nothing is left to do.
  template <class Result, class Handle, class... Ts>
  caf::expected<Result> ask(const Handle& receiver, Ts&&... content) {
    // An actor of its own, so that nothing but the answer can reach it.
    auto asker = caf::scoped_actor{sys_};
    auto pending
      = asker->request(receiver, caf::infinite, std::forward<Ts>(content)...);
    run();
    if (!asker->has_next_message())
      return caf::make_error(caf::sec::request_timeout);
    auto result = caf::expected<Result>{caf::sec::none};
    auto on_error = [&](caf::error& reason) { result = std::move(reason); };
    if constexpr (std::is_void_v<Result>)
      pending.receive([&] { result = caf::expected<void>{}; }, on_error);
    else
      pending.receive([&](Result& value) { result = std::move(value); },
                      on_error);
    return result;
  }

private:
  static caf::actor_system_config& prepare(caf::actor_system_config& config,
                                           network net,
                                           const configure_fun& configure) {
    // The program of all tests does it too; a test built alone has no other.
    static const auto known = (init_message_types(), true);
    static_cast<void>(known);
    config.set("caf.scheduler.policy", "testing");
    if (net != network::none)
      config.load<caf::io::middleman>();
    if (configure)
      configure(config);
    // A middleman brings its options along; without one, setting them fails.
    if (config.module_factories.empty())
      return config;
    config.set("caf.middleman.attach-utility-actors", true);
    config.set("caf.middleman.manual-multiplexing", true);
    if (net == network::simulated)
      config.set("caf.middleman.network-backend", "testing");
    return config;
  }

  bool run_once() {
    const auto worked = scheduler_.run() > 0;
    if (!sys_.has_middleman())
      return worked;
    return sys_.middleman().backend().try_run_once() || worked;
  }

  caf::actor_system_config config_;
  caf::actor_system sys_;
  caf::scheduler::test_coordinator& scheduler_;
  caf::scoped_actor self_;
  std::vector<event_source> sources_;
};

} // namespace starling::test
