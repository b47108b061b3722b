#include "actors/link/memory_link.hpp"

#include "tests/actors/link/tcp_fixture.hpp"
#include "tests/support/lockstep.hpp"

#include <caf/send.hpp>

using namespace starling;
using namespace starling::test;
using namespace std::literals;

namespace {

/// Two nodes, each with an actor system of its own, one millisecond apart.
struct fixture {
  link::memory_network network;
  link::memory_exchange exchange{network};
  deterministic_system alice;
  deterministic_system bob;
  lockstep both{network};
  accepted at_alice;
  accepted at_bob;
  heard by_alice;
  heard by_bob;
  std::vector<caf::actor> to_end;
  link_acceptor_actor alice_acceptor
    = keep(alice.sys().spawn(accepted::accept, &at_alice));
  link_acceptor_actor bob_acceptor
    = keep(bob.sys().spawn(accepted::accept, &at_bob));
  link_listener_actor alice_listener
    = keep(alice.sys().spawn(heard::listen, &by_alice));
  link_listener_actor bob_listener
    = keep(bob.sys().spawn(heard::listen, &by_bob));

  fixture() {
    both.add(alice);
    both.add(bob);
    REQUIRE(exchange.listen(bob.sys(), "bob", bob_acceptor)
            == std::string{"memory://bob"});
  }

  ~fixture() {
    for (auto* one : {&at_alice, &at_bob}) {
      one->unanswered.clear();
      one->links.clear();
    }
    exchange.unlisten("bob");
    for (auto& one : to_end)
      caf::anon_send_exit(one, caf::exit_reason::kill);
    to_end.clear();
    both.run();
  }

  template <class Handle>
  Handle keep(Handle handle) {
    to_end.push_back(caf::actor_cast<caf::actor>(handle));
    return handle;
  }

  link_actor dial(const std::string& address = "memory://bob") {
    auto link = exchange.dial(alice.sys(), "alice", address, alice_acceptor);
    REQUIRE(link);
    return keep(*link);
  }

  /// Returns both ends of an open link.
  std::pair<link_actor, link_actor> connected() {
    auto near = dial();
    both.advance(10ms);
    REQUIRE(at_bob.links.size() == 1);
    auto far = keep(at_bob.links[0].link);
    caf::anon_send(near, link_open{alice_listener});
    caf::anon_send(far, link_open{bob_listener});
    both.run();
    return {near, far};
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/link/memory_link");

TEST_CASE_FIXTURE(fixture, "both sides are told when the connection stands") {
  auto link = dial();
  both.advance(1ms);
  REQUIRE(at_bob.links.size() == 1);
  CHECK(at_bob.links[0].address == "memory://alice");
  CHECK(!at_bob.links[0].dialled);
  CHECK(at_alice.links.empty());
  both.advance(1ms);
  REQUIRE(at_alice.links.size() == 1);
  CHECK(at_alice.links[0].address == "memory://bob");
  CHECK(at_alice.links[0].dialled);
  CHECK(at_alice.links[0].link == link);
}

TEST_CASE_FIXTURE(fixture, "bytes pass both ways after the delay") {
  auto [near, far] = connected();
  caf::anon_send(near, link_bytes{bytes_of("to bob")});
  caf::anon_send(far, link_bytes{bytes_of("to alice")});
  both.advance(999us);
  CHECK(by_bob.bytes.empty());
  both.advance(1us);
  CHECK(by_bob.bytes == "to bob");
  CHECK(by_alice.bytes == "to alice");
}

TEST_CASE_FIXTURE(fixture, "bytes sent before the link stands arrive") {
  auto link = dial();
  caf::anon_send(link, link_bytes{bytes_of("early")});
  both.advance(10ms);
  REQUIRE(at_bob.links.size() == 1);
  CHECK(by_bob.bytes.empty());
  caf::anon_send(at_bob.links[0].link, link_open{bob_listener});
  both.run();
  CHECK(by_bob.bytes == "early");
}

TEST_CASE_FIXTURE(fixture,
                  "large messages come in pieces, whole and in order") {
  auto [near, far] = connected();
  auto text = std::string{};
  while (text.size() < 300'000)
    text += std::to_string(text.size());
  caf::anon_send(near, link_bytes{bytes_of(text)});
  both.advance(1ms);
  CHECK(by_bob.bytes == text);
  CHECK(by_bob.messages == (text.size() + 65'535) / 65'536);
}

TEST_CASE_FIXTURE(fixture, "drained is reported as for TCP") {
  auto [near, far] = connected();
  network.set_path("alice", "bob", {.delay = 1ms, .bandwidth = 1'000'000});
  // 200 pieces of 1000 bytes, 1 ms each: 64 KiB are left after 136 pieces, and
  // what was handed over counts anew from there.
  for (auto i = 0; i < 200; ++i)
    caf::anon_send(near, link_bytes{caf::byte_buffer(1'000)});
  both.advance(135ms);
  CHECK(by_alice.drained.empty());
  both.advance(1s);
  REQUIRE(by_alice.drained.size() == 1);
  CHECK(by_alice.drained[0] == 65'000);
}

TEST_CASE_FIXTURE(fixture,
                  "closing delivers what waits, then ends both sides") {
  auto [near, far] = connected();
  caf::anon_send(near, link_bytes{bytes_of("last")});
  caf::anon_send(near, link_close{});
  both.advance(1ms);
  CHECK(by_bob.bytes == "last");
  REQUIRE(by_bob.closed);
  CHECK(*by_bob.closed == caf::error{});
  CHECK(!by_alice.closed);
  both.advance(1ms);
  REQUIRE(by_alice.closed);
  CHECK(*by_alice.closed == caf::error{});
}

TEST_CASE_FIXTURE(fixture, "a killed link is a broken connection to both") {
  auto [near, far] = connected();
  caf::anon_send_exit(near, caf::exit_reason::kill);
  both.advance(1ms);
  REQUIRE(by_alice.closed);
  CHECK(*by_alice.closed == ec::connection_closed);
  REQUIRE(by_bob.closed);
  CHECK(*by_bob.closed == ec::connection_closed);
}

TEST_CASE_FIXTURE(fixture, "a link ends with its listener") {
  auto [near, far] = connected();
  caf::anon_send_exit(alice_listener, caf::exit_reason::kill);
  both.advance(10ms);
  REQUIRE(by_bob.closed);
  CHECK(*by_bob.closed == caf::error{});
}

TEST_CASE_FIXTURE(fixture, "a cut holds bytes back, healing lets them go") {
  auto [near, far] = connected();
  network.cut("alice", "bob");
  caf::anon_send(near, link_bytes{bytes_of("patience")});
  both.advance(1h);
  CHECK(by_bob.bytes.empty());
  CHECK(!by_bob.closed);
  network.heal("alice", "bob", both.now());
  both.advance(1ms);
  CHECK(by_bob.bytes == "patience");
}

TEST_CASE_FIXTURE(fixture, "a name nobody listens at is unreachable") {
  auto link = dial("memory://carol");
  SUBCASE("for who opened the link before") {
    caf::anon_send(link, link_open{alice_listener});
    both.advance(2ms);
  }
  SUBCASE("for who opens it later") {
    both.advance(9s);
    caf::anon_send(link, link_open{alice_listener});
    both.run();
  }
  REQUIRE(by_alice.closed);
  CHECK(*by_alice.closed == ec::unreachable);
  CHECK(at_alice.links.empty());
}

TEST_CASE_FIXTURE(fixture, "dialling over a cut times out") {
  network.cut("alice", "bob");
  caf::anon_send(dial(), link_open{alice_listener});
  both.advance(4999ms);
  CHECK(!by_alice.closed);
  both.advance(1ms);
  REQUIRE(by_alice.closed);
  CHECK(*by_alice.closed == ec::timed_out);
}

TEST_CASE_FIXTURE(fixture, "the acceptor's no ends the link") {
  at_bob.reply = accepted::answer::no;
  caf::anon_send(dial(), link_open{alice_listener});
  both.advance(10ms);
  REQUIRE(by_alice.closed);
  CHECK(*by_alice.closed == caf::error{});
}

TEST_CASE_FIXTURE(fixture, "a link that nobody opens ends") {
  caf::anon_send(dial(), link_open{alice_listener});
  both.advance(9s);
  CHECK(!by_alice.closed);
  both.advance(2s);
  REQUIRE(by_alice.closed);
  CHECK(*by_alice.closed == ec::connection_closed);
}

TEST_CASE_FIXTURE(fixture, "a name is listened at once") {
  auto again = exchange.listen(alice.sys(), "bob", alice_acceptor);
  REQUIRE(!again);
  CHECK(again.error() == ec::duplicate_name);
}

TEST_CASE_FIXTURE(fixture, "what is no memory address is refused") {
  for (const auto* wrong : {"tcp://bob:1", "memory://", "bob", ""}) {
    auto link = exchange.dial(alice.sys(), "alice", wrong);
    REQUIRE(!link);
    CHECK(link.error() == ec::invalid_option);
  }
}

TEST_SUITE_END();
