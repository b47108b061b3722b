#include "runtime/event_loop/resolver.hpp"

#include "messages/error.hpp"
#include "messages/message_types.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <doctest/doctest.h>

using namespace starling;
using namespace std::literals;

TEST_SUITE_BEGIN("runtime/event_loop/resolver");

// The resolver has a thread of its own, so these tests need real ones.

TEST_CASE("an answer unpacks to addresses with the port asked for") {
  init_message_types();
  auto cfg = caf::actor_system_config{};
  caf::actor_system sys{cfg};
  caf::scoped_actor self{sys};
  auto found = std::vector<event_loop::socket_address>{};
  self
    ->request(event_loop::spawn_resolver(sys), 10s, caf::resolve_atom_v,
              "127.0.0.1"s, uint16_t{4711})
    .receive(
      [&](const caf::byte_buffer& bytes) {
        found = event_loop::unpack_addresses(bytes);
      },
      [](const caf::error& reason) { FAIL(to_string(reason)); });
  REQUIRE(found.size() == 1);
  CHECK(to_string(found[0]) == "127.0.0.1:4711");
}

TEST_CASE("a name that can't exist is an error") {
  init_message_types();
  auto cfg = caf::actor_system_config{};
  caf::actor_system sys{cfg};
  caf::scoped_actor self{sys};
  auto reason = caf::error{};
  self
    ->request(event_loop::spawn_resolver(sys), 10s, caf::resolve_atom_v,
              std::string(70, 'x'), uint16_t{1})
    .receive([](const caf::byte_buffer&) { FAIL("found"); },
             [&](const caf::error& x) { reason = x; });
  CHECK(reason == ec::unreachable);
}

TEST_SUITE_END();
