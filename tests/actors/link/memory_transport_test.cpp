#include "actors/link/memory_transport.hpp"

#include "tests/actors/link/tcp_fixture.hpp"
#include "tests/support/lockstep.hpp"

#include <caf/send.hpp>

using namespace starling;
using namespace starling::test;
using namespace std::literals;

namespace {

/// One node with a transport, and one that listens.
struct fixture {
  link::memory_network network;
  link::memory_exchange exchange{network};
  deterministic_system test;
  lockstep time{network};
  accepted arrivals;
  link_acceptor_actor acceptor = test.sys().spawn(accepted::accept, &arrivals);
  heard by_dialler;
  link_listener_actor listener = test.sys().spawn(heard::listen, &by_dialler);
  transport_actor uut = spawn("alice");

  fixture() {
    time.add(test);
  }

  ~fixture() {
    for (const auto& each : arrivals.links)
      caf::anon_send_exit(each.link, caf::exit_reason::kill);
    arrivals.links.clear();
    for (auto each : {caf::actor_cast<caf::actor>(acceptor),
                      caf::actor_cast<caf::actor>(listener),
                      caf::actor_cast<caf::actor>(uut)})
      caf::anon_send_exit(each, caf::exit_reason::kill);
    acceptor = nullptr;
    listener = nullptr;
    uut = nullptr;
    time.run();
  }

  transport_actor spawn(const std::string& place) {
    using impl = transport_actor::stateful_impl<link::memory_transport_state>;
    return test.sys().spawn<impl>(&exchange, place);
  }

  caf::expected<std::string> listen(const std::string& address) {
    return test.ask<std::string>(uut, link_listen{address, acceptor});
  }

  caf::expected<link_opened> dial(const std::string& address) {
    return test.ask<link_opened>(uut, link_dial{address, 5s});
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/link/memory_transport");

TEST_CASE_FIXTURE(fixture, "who listens is found under the address returned") {
  auto address = listen("memory://bob");
  REQUIRE(address);
  CHECK(*address == "memory://bob");
  auto link = dial(*address);
  REQUIRE(link);
  CHECK(link->dialled);
  CHECK(link->address == "memory://bob");
  caf::anon_send(link->link, link_open{listener});
  caf::anon_send(link->link, link_bytes{bytes_of("hello")});
  time.advance(10ms);
  REQUIRE(arrivals.links.size() == 1);
  // The other side sees where it comes from.
  CHECK(arrivals.links[0].address == "memory://alice");
  CHECK(!arrivals.links[0].dialled);
  caf::anon_send(link->link, link_close{});
  time.advance(10s);
}

TEST_CASE_FIXTURE(fixture, "an address of another kind is refused") {
  auto address = listen("tcp://127.0.0.1:1");
  REQUIRE(!address);
  CHECK(address.error() == ec::invalid_option);
  auto link = dial("tcp://127.0.0.1:1");
  REQUIRE(!link);
  CHECK(link.error() == ec::invalid_option);
}

TEST_CASE_FIXTURE(fixture, "a name that is taken is refused") {
  REQUIRE(listen("memory://bob"));
  auto again = listen("memory://bob");
  REQUIRE(!again);
  CHECK(again.error() == ec::duplicate_name);
}

TEST_CASE_FIXTURE(fixture, "nobody listens once the transport has ended") {
  REQUIRE(listen("memory://bob"));
  caf::anon_send_exit(uut, caf::exit_reason::user_shutdown);
  time.run();
  uut = spawn("alice");
  // The name is free again.
  CHECK(listen("memory://bob"));
}

TEST_CASE_FIXTURE(fixture, "dialling nobody is reported by the link") {
  auto link = dial("memory://nobody");
  REQUIRE(link);
  caf::anon_send(link->link, link_open{listener});
  time.advance(10ms);
  REQUIRE(by_dialler.closed);
  CHECK(*by_dialler.closed == ec::unreachable);
}

TEST_SUITE_END();
