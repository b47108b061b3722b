#include "tests/support/deterministic_system.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/io/broker.hpp>
#include <caf/response_promise.hpp>
#include <caf/send.hpp>

using namespace std::literals;

using starling::test::deterministic_system;
using starling::test::network;

namespace {

/// Counts how often it is asked, and sends itself a tick a second.
caf::behavior ticker(caf::event_based_actor* self, int* ticks) {
  self->delayed_send(self, 1s, caf::tick_atom_v);
  return {
    [=](caf::tick_atom) {
      ++*ticks;
      self->delayed_send(self, 1s, caf::tick_atom_v);
    },
    [=](caf::get_atom) { return *ticks; },
    [self, kept = caf::response_promise{}](caf::put_atom) mutable {
      // A promise that is kept but never delivered: no answer, no error.
      kept = self->make_response_promise();
    },
  };
}

caf::behavior echo_broker(caf::io::broker*) {
  return {
    [](int32_t x) { return x; },
  };
}

} // namespace

TEST_SUITE_BEGIN("support/deterministic_system");

TEST_CASE("a minute passes without waiting") {
  deterministic_system test;
  auto ticks = 0;
  auto aut = test.sys().spawn(ticker, &ticks);
  test.advance(60s);
  CHECK(ticks == 60);
  CHECK(*test.ask<int>(aut, caf::get_atom_v) == 60);
  caf::anon_send_exit(aut, caf::exit_reason::kill);
}

TEST_CASE("a request without an answer does not hang the test") {
  deterministic_system test;
  auto ticks = 0;
  auto aut = test.sys().spawn(ticker, &ticks);
  auto answer = test.ask<int>(aut, caf::put_atom_v);
  REQUIRE(!answer);
  CHECK(answer.error() == caf::sec::request_timeout);
  caf::anon_send_exit(aut, caf::exit_reason::kill);
}

TEST_CASE("brokers run on both network backends") {
  for (auto net : {network::simulated, network::sockets}) {
    deterministic_system test{net};
    auto aut = test.sys().middleman().spawn_broker(echo_broker);
    CHECK(*test.ask<int32_t>(aut, int32_t{7}) == 7);
    caf::anon_send_exit(aut, caf::exit_reason::kill);
  }
}

TEST_CASE("events from outside interleave with timers") {
  deterministic_system test;
  auto ticks = 0;
  auto seen = std::vector<int>{};
  auto due = test.now() + 1500ms;
  test.watch({[&] { return std::optional{due}; },
              [&](deterministic_system::time_point now) {
                for (; due <= now; due += 1s)
                  seen.push_back(ticks);
              }});
  auto aut = test.sys().spawn(ticker, &ticks);
  test.advance(4s);
  CHECK(seen == std::vector{1, 2, 3});
  caf::anon_send_exit(aut, caf::exit_reason::kill);
}

TEST_SUITE_END();
