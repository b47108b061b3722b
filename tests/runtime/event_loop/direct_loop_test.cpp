#include "runtime/event_loop/direct_loop.hpp"

#include "messages/message_types.hpp"
#include "runtime/event_loop/bare_broker.hpp"
#include "runtime/event_loop/pool_policy.hpp"
#include "runtime/event_loop/quick_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/io/broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <doctest/doctest.h>

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

  static caf::actor_system::module* make(caf::actor_system& system,
                                         caf::detail::type_list<>) {
    return new direct_middleman{system};
  }

private:
  direct_loop loop_;
};

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

  /// Says whether it runs in the loop's thread.
  caf::actor spawn_probe(bool quick) {
    return system.spawn([=](caf::event_based_actor* self) -> caf::behavior {
      if (quick)
        mark_quick(*self);
      return {
        [self](caf::get_atom) {
          const auto& loop = self->system().middleman().backend();
          return loop.thread_id() == std::this_thread::get_id();
        },
      };
    });
  }

  /// Passes a request on from inside the loop.
  caf::actor spawn_relay(const caf::actor& to) {
    return system.middleman().spawn_broker(
      [to](caf::io::broker* self) -> caf::behavior {
        return {
          [self, to](caf::get_atom) {
            return self->delegate(to, caf::get_atom_v);
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

  bool ask(const caf::actor& whom) {
    auto result = false;
    caf::scoped_actor {
      system
    } -> request(whom, 10s, caf::get_atom_v)
      .receive([&](bool answer) { result = answer; },
               [](const caf::error& reason) { FAIL(to_string(reason)); });
    return result;
  }

  config_type config;
  caf::actor_system system{config};
};

} // namespace

TEST_SUITE_BEGIN("runtime/event_loop/direct_loop");

TEST_CASE_FIXTURE(fixture, "a quick actor that the loop wakes runs in it") {
  auto probe = spawn_probe(true);
  // Until it has been started, by the pool.
  ask(probe);
  CHECK(ask(spawn_relay(probe)));
}

TEST_CASE_FIXTURE(fixture, "a quick actor that others wake runs in the pool") {
  auto probe = spawn_probe(true);
  CHECK(!ask(probe));
}

TEST_CASE_FIXTURE(fixture, "any other actor runs in the pool") {
  auto probe = spawn_probe(false);
  ask(probe);
  CHECK(!ask(spawn_relay(probe)));
}

TEST_CASE_FIXTURE(fixture, "actors that never rest let others in") {
  // One that wakes itself, and two that wake each other.
  auto busy = std::vector<caf::actor>{spawn_restless({}), spawn_restless({})};
  busy.push_back(spawn_restless(busy.back()));
  caf::anon_send(busy[1], caf::link_atom_v, busy[2]);
  for (auto& actor : busy)
    caf::anon_send(spawn_starter(actor), caf::tick_atom_v);
  auto probe = spawn_probe(true);
  ask(probe);
  CHECK(ask(spawn_relay(probe)));
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
