#include "runtime/event_loop/direct_loop.hpp"

#include "messages/message_types.hpp"
#include "runtime/event_loop/bare_broker.hpp"
#include "runtime/event_loop/pool_policy.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/io/broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <doctest/doctest.h>

#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

using namespace starling;
using namespace starling::event_loop;
using namespace std::chrono_literals;

namespace {

/// CAF's network module on the loop under test.
class direct_middleman : public caf::io::middleman {
public:
  explicit direct_middleman(caf::actor_system& system)
    : middleman(system),
      loop_{&system} {
    // nop
  }

  caf::io::network::multiplexer& backend() override {
    return loop_;
  }

  [[nodiscard]] bool loops_here() const {
    return loop_.led_here();
  }

  static caf::actor_system::module* make(caf::actor_system& system,
                                         caf::detail::type_list<>) {
    return new direct_middleman{system};
  }

private:
  direct_loop loop_;
};

/// Says whether the loop runs it. Asked with a handle on what opens the door,
/// it then waits until that is open, however long it takes.
caf::behavior waiter(caf::event_based_actor* self,
                     const std::shared_future<void>& opened) {
  const auto& net = static_cast<direct_middleman&>(self->system().middleman());
  return {
    [&net](caf::get_atom) { return net.loops_here(); },
    [=, &net](caf::get_atom, const caf::actor& opener) {
      const auto result = net.loops_here();
      if (opener)
        self->send(opener, caf::open_atom_v);
      opened.wait();
      return result;
    },
  };
}

/// Never rests. Its mailbox is never empty either, so it must be one that is
/// closed at the end.
class restless_broker : public event_loop::bare_broker {
public:
  restless_broker(caf::actor_config& cfg, caf::actor to)
    : bare_broker{cfg},
      to_{std::move(to)} {
    // nop
  }

  caf::behavior make_behavior() override {
    return {
      [this](caf::link_atom, const caf::actor& partner) { to_ = partner; },
      [this](caf::tick_atom) {
        send(to_ ? to_ : caf::actor_cast<caf::actor>(this), caf::tick_atom_v);
      },
    };
  }

  void on_exit() override {
    to_ = nullptr;
  }

private:
  caf::actor to_;
};

struct fixture {
  struct config_type : caf::actor_system_config {
    config_type() {
      load<direct_middleman>();
      load_pool(*this);
      set("caf.scheduler.max-threads", size_t{2});
    }
  };

  /// Says whether the loop runs it.
  caf::actor spawn_probe() {
    return system.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {
        [this](caf::get_atom) { return net().loops_here(); },
      };
    });
  }

  direct_middleman& net() {
    return static_cast<direct_middleman&>(system.middleman());
  }

  /// Opens the door when it is told so, in the loop.
  caf::actor spawn_opener() {
    return spawn_opener(door);
  }

  caf::actor spawn_opener(std::shared_ptr<std::promise<void>> which) {
    return system.middleman().spawn_broker(
      [which = std::move(which)](caf::io::broker*) -> caf::behavior {
        return {
          [which](caf::open_atom) { which->set_value(); },
        };
      });
  }

  /// Passes requests on from inside the loop.
  caf::actor spawn_relay(const caf::actor& to) {
    return system.middleman().spawn_broker(
      [to](caf::io::broker* self) -> caf::behavior {
        return {
          [self, to](caf::get_atom) {
            return self->delegate(to, caf::get_atom_v);
          },
          [self, to](caf::get_atom, const caf::actor& opener) {
            return self->delegate(to, caf::get_atom_v, opener);
          },
        };
      });
  }

  /// Answers each tick by one to `other`, or to itself.
  caf::actor spawn_restless(caf::actor other) {
    auto cfg = caf::actor_config{&system.middleman().backend()};
    return system.spawn_impl<restless_broker, caf::no_spawn_options>(
      cfg, std::move(other));
  }

  /// Wakes an actor from inside the loop.
  caf::actor spawn_starter(const caf::actor& to) {
    return system.middleman().spawn_broker(
      [to](caf::io::broker* self) -> caf::behavior {
        return {
          [self, to](caf::tick_atom) {
            self->send(to, caf::tick_atom_v);
            self->quit();
          },
        };
      });
  }

  template <class... Ts>
  bool ask(const caf::actor& whom, const Ts&... xs) {
    auto result = false;
    caf::scoped_actor {
      system
    } -> request(whom, 10s, caf::get_atom_v, xs...)
      .receive([&](bool answer) { result = answer; },
               [](const caf::error& reason) { FAIL(to_string(reason)); });
    return result;
  }

  /// Blocks until a broker has had its turn.
  void wait_for_loop() {
    auto passed = std::make_shared<std::promise<void>>();
    caf::anon_send(spawn_opener(passed), caf::open_atom_v);
    passed->get_future().wait();
  }

  /// Returns whether the loop ever runs an actor that it wakes. Not each time:
  /// the thread that follows may be late, and any turn may be interrupted.
  bool ever_here(const caf::actor& relay) {
    for (auto i = 0; i < 1'000; ++i)
      if (ask(relay))
        return true;
    return false;
  }

  std::shared_ptr<std::promise<void>> door
    = std::make_shared<std::promise<void>>();
  config_type config;
  caf::actor_system system{config};
};

} // namespace

TEST_SUITE_BEGIN("runtime/event_loop/direct_loop");

TEST_CASE_FIXTURE(fixture, "an actor that the loop wakes runs in it") {
  CHECK(ever_here(spawn_relay(spawn_probe())));
}

TEST_CASE_FIXTURE(fixture, "an actor that others wake runs in the pool") {
  auto probe = spawn_probe();
  CHECK(!ask(probe));
}

TEST_CASE_FIXTURE(fixture, "the loop goes on while its guest blocks") {
  auto guest = system.spawn(waiter, door->get_future().share());
  auto relay = spawn_relay(guest);
  REQUIRE(ever_here(relay));
  // The door opens in the loop, so this ends only if another thread runs it.
  if (ask(relay, spawn_opener())) {
    INFO("nor is it let in again at once");
    CHECK(!ask(relay));
  }
  INFO("others are");
  CHECK(ever_here(spawn_relay(spawn_probe())));
}

TEST_CASE_FIXTURE(fixture, "two that block do not stop the loop") {
  const auto opened = door->get_future().share();
  auto both = std::vector<std::future<bool>>{};
  for (auto i = 0; i < 2; ++i)
    both.push_back(std::async(std::launch::async, [this, opened] {
      return ask(spawn_relay(system.spawn(waiter, opened)), caf::actor{});
    }));
  caf::anon_send(spawn_opener(), caf::open_atom_v);
  for (auto& x : both)
    CHECK(x.wait_for(10s) == std::future_status::ready);
}

TEST_CASE_FIXTURE(fixture, "what a guest wakes runs after it, here") {
  auto probe = spawn_probe();
  auto middle
    = system.spawn([probe](caf::event_based_actor* self) -> caf::behavior {
        return {
          [self, probe](caf::get_atom) {
            return self->delegate(probe, caf::get_atom_v);
          },
        };
      });
  CHECK(ever_here(spawn_relay(middle)));
}

// Some of them block now and then, so that the loop changes hands meanwhile.
TEST_CASE_FIXTURE(fixture, "no wake-up is lost while the loop changes hands") {
  constexpr auto rounds = int64_t{2'000};
  constexpr auto rests_each = int64_t{500};
  auto counters = std::vector<caf::actor>{};
  for (auto i = 0; i < 6; ++i)
    counters.push_back(
      system.spawn([this, i](caf::stateful_actor<int64_t>* self) {
        return caf::behavior{
          [this, self, i](caf::add_atom) {
            if (++self->state % rests_each == i)
              wait_for_loop();
          },
          [self](caf::get_atom) { return self->state; },
        };
      }));
  auto fan = system.middleman().spawn_broker(
    [counters](caf::io::broker* self) -> caf::behavior {
      return {
        [self, counters](caf::add_atom) {
          for (const auto& counter : counters)
            self->send(counter, caf::add_atom_v);
        },
      };
    });
  for (auto i = int64_t{0}; i < rounds; ++i)
    caf::anon_send(fan, caf::add_atom_v);
  auto self = caf::scoped_actor{system};
  for (const auto& counter : counters) {
    auto seen = int64_t{-1};
    while (seen < rounds)
      self->request(counter, 10s, caf::get_atom_v)
        .receive([&](int64_t count) { seen = count; },
                 [&](const caf::error& reason) { FAIL(to_string(reason)); });
    CHECK(seen == rounds);
  }
}

TEST_CASE_FIXTURE(fixture, "actors that never rest let others in") {
  // One that wakes itself, and two that wake each other.
  auto busy = std::vector<caf::actor>{spawn_restless({}), spawn_restless({})};
  busy.push_back(spawn_restless(busy.back()));
  caf::anon_send(busy[1], caf::link_atom_v, busy[2]);
  for (auto& actor : busy)
    caf::anon_send(spawn_starter(actor), caf::tick_atom_v);
  auto probe = spawn_probe();
  CHECK(ever_here(spawn_relay(probe)));
  for (auto& actor : busy)
    caf::anon_send_exit(actor, caf::exit_reason::kill);
}

TEST_CASE_FIXTURE(fixture, "timers of brokers come") {
  auto broker = system.middleman().spawn_broker(
    [](caf::io::broker* self) -> caf::behavior {
      return {
        [self](caf::get_atom) {
          auto answer = self->make_response_promise<bool>();
          self->run_delayed(1ms, [answer]() mutable { answer.deliver(true); });
          return answer;
        },
      };
    });
  CHECK(ask(broker));
}

TEST_SUITE_END();
