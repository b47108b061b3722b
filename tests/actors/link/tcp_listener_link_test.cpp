#include "tests/actors/link/tcp_fixture.hpp"

#include <caf/send.hpp>

using namespace starling;
using namespace starling::test;
using namespace std::literals;

TEST_SUITE_BEGIN("actors/link/tcp_listener_link");

TEST_CASE_FIXTURE(tcp_fixture, "each connection becomes a link") {
  auto at = listen();
  CHECK(at.address.starts_with("tcp://127.0.0.1:"));
  auto first = connect(at.address);
  auto second = connect(at.address);
  CHECK(run_until([&] { return arrivals.links.size() == 2; }));
  CHECK(arrivals.links[0].link != arrivals.links[1].link);
  CHECK(!arrivals.links[0].dialled);
  for (auto& arrival : arrivals.links)
    test.tell(arrival.link, link_close{});
  CHECK(run_until([&] { return at_end(first) && at_end(second); }));
}

TEST_CASE_FIXTURE(tcp_fixture, "IPv6 addresses are written in brackets") {
  auto listening = link::listen_tcp(test.sys(), "tcp://[::1]:0", acceptor);
  if (!listening) {
    MESSAGE("this machine has no IPv6");
    return;
  }
  keep(listening->listener);
  CHECK(listening->address.starts_with("tcp://[::1]:"));
  auto link = keep(*link::dial_tcp(test.sys(), listening->address));
  CHECK(run_until([&] { return arrivals.links.size() == 1; }));
  CHECK(arrivals.links[0].address.starts_with("tcp://[::1]:"));
  keep(arrivals.links[0].link);
}

TEST_CASE_FIXTURE(tcp_fixture, "the acceptor's no closes the connection") {
  arrivals.reply = accepted::answer::no;
  auto at = listen();
  auto raw = connect(at.address);
  CHECK(run_until([&] { return at_end(raw); }));
}

TEST_CASE_FIXTURE(tcp_fixture, "connections beyond accepts_max are closed") {
  arrivals.reply = accepted::answer::none;
  auto at = listen({.accepts_max = 2});
  auto first = connect(at.address);
  auto second = connect(at.address);
  CHECK(run_until([&] { return arrivals.links.size() == 2; }));
  auto third = connect(at.address);
  CHECK(run_until([&] { return at_end(third); }));
  CHECK(!at_end(first));
  CHECK(!at_end(second));
  // An answer makes room.
  arrivals.unanswered[0].deliver();
  test.run();
  auto fourth = connect(at.address);
  CHECK(run_until([&] { return arrivals.links.size() == 3; }));
  for (auto& arrival : arrivals.links)
    keep(arrival.link);
}

TEST_CASE_FIXTURE(tcp_fixture, "a listener ends with its acceptor") {
  auto at = listen();
  caf::anon_send_exit(acceptor, caf::exit_reason::kill);
  test.run();
  auto socket = event_loop::unique_fd{::socket(AF_INET, SOCK_STREAM, 0)};
  auto to = *event_loop::numeric_address("127.0.0.1", port_of(at.address));
  CHECK(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to.storage),
                  to.size)
        != 0);
}

TEST_CASE_FIXTURE(tcp_fixture, "an address in use is an error") {
  auto at = listen();
  auto again = link::listen_tcp(test.sys(), at.address, acceptor);
  REQUIRE(!again);
  CHECK(again.error() == ec::unreachable);
}

TEST_CASE_FIXTURE(tcp_fixture, "what is no TCP address can't be listened on") {
  auto wrong = link::listen_tcp(test.sys(), "udp://127.0.0.1:0", acceptor);
  REQUIRE(!wrong);
  CHECK(wrong.error() == ec::invalid_option);
}

TEST_SUITE_END();
