#include "runtime/event_loop/pool_policy.hpp"

#include "messages/message_types.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <doctest/doctest.h>

#include <future>
#include <memory>
#include <thread>
#include <vector>

using namespace starling;
using namespace starling::event_loop;
using namespace std::chrono_literals;

namespace {

struct fixture {
  struct config_type : caf::actor_system_config {
    config_type() {
      load_pool(*this);
      set("caf.scheduler.max-threads", size_t{3});
    }
  };

  config_type config;
  caf::actor_system system{config};
};

caf::behavior counter(caf::stateful_actor<int64_t>* self) {
  return {
    [self](caf::add_atom) { ++self->state; },
    [self](caf::get_atom) { return self->state; },
  };
}

} // namespace

TEST_SUITE_BEGIN("runtime/event_loop/pool_policy");

TEST_CASE_FIXTURE(fixture, "no wake-up is lost when many threads send") {
  constexpr auto rounds = 2'000;
  auto actors = std::vector<caf::actor>{};
  for (auto i = 0; i < 8; ++i)
    actors.push_back(system.spawn(counter));
  auto senders = std::vector<std::thread>{};
  for (auto i = 0; i < 4; ++i)
    senders.emplace_back([&] {
      for (auto round = 0; round < rounds; ++round)
        for (auto& actor : actors)
          caf::anon_send(actor, caf::add_atom_v);
    });
  for (auto& sender : senders)
    sender.join();
  auto self = caf::scoped_actor{system};
  for (auto& actor : actors)
    self->request(actor, 10s, caf::get_atom_v)
      .receive([](int64_t count) { CHECK(count == 4 * rounds); },
               [](const caf::error& reason) { FAIL(to_string(reason)); });
}

TEST_CASE_FIXTURE(fixture, "actors run at the same time on all threads") {
  // Each waits for the two others, so it takes three threads to end this.
  auto arrived = std::make_shared<std::vector<std::promise<void>>>(3);
  auto all = std::make_shared<std::vector<std::shared_future<void>>>();
  for (auto i = size_t{0}; i < 3; ++i)
    all->push_back((*arrived)[i].get_future().share());
  auto done = std::vector<std::future<bool>>{};
  for (auto i = size_t{0}; i < 3; ++i) {
    auto met = std::make_shared<std::promise<bool>>();
    done.push_back(met->get_future());
    system.spawn([=](caf::event_based_actor*) {
      (*arrived)[i].set_value();
      auto here = true;
      for (auto& other : *all)
        here = here && other.wait_for(10s) == std::future_status::ready;
      met->set_value(here);
    });
  }
  for (auto& met : done)
    CHECK(met.get());
}

TEST_CASE("a system ends while its actors are still awake") {
  auto made = std::make_unique<fixture>();
  auto busy = made->system.spawn([](caf::event_based_actor* self) {
    self->send(self, caf::tick_atom_v);
    return caf::behavior{
      [self](caf::tick_atom) { self->send(self, caf::tick_atom_v); },
    };
  });
  caf::anon_send_exit(busy, caf::exit_reason::kill);
  busy = nullptr;
  made.reset();
  CHECK(!made);
}

TEST_SUITE_END();
