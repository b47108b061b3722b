#include "actors/link/tcp_transport.hpp"

#include "tests/actors/link/tcp_fixture.hpp"

#include <caf/send.hpp>

using namespace starling;
using namespace starling::test;
using namespace std::literals;

namespace {

struct fixture : tcp_fixture {
  heard by_dialler;
  heard by_listener;
  transport_actor uut = spawn();

  ~fixture() {
    caf::anon_send_exit(uut, caf::exit_reason::kill);
    uut = nullptr;
    for (const auto& each : arrivals.links)
      caf::anon_send_exit(each.link, caf::exit_reason::kill);
    test.run();
  }

  transport_actor spawn() {
    using impl = transport_actor::stateful_impl<link::tcp_transport_state>;
    return test.sys().spawn<impl>(link::tcp_options{});
  }

  caf::expected<std::string> listen_at(const std::string& address) {
    return test.ask<std::string>(uut, link_listen{address, acceptor});
  }

  caf::expected<link_opened> dial(const std::string& address) {
    auto link = test.ask<link_opened>(uut, link_dial{address, 5s});
    if (link)
      keep(link->link);
    return link;
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/link/tcp_transport");

TEST_CASE_FIXTURE(fixture, "bytes go from who dials to who listens") {
  auto address = listen_at("tcp://127.0.0.1:0");
  REQUIRE(address);
  // With the port that was taken.
  CHECK(port_of(*address) != 0);
  auto link = dial(*address);
  REQUIRE(link);
  CHECK(link->dialled);
  CHECK(link->address == *address);
  caf::anon_send(link->link, link_open{listener(by_dialler)});
  caf::anon_send(link->link, link_bytes{bytes_of("hello")});
  REQUIRE(run_until([&] { return arrivals.links.size() == 1; }));
  caf::anon_send(arrivals.links[0].link, link_open{listener(by_listener)});
  CHECK(run_until([&] { return by_listener.bytes == "hello"; }));
}

TEST_CASE_FIXTURE(fixture, "what is no TCP address is refused") {
  for (const auto* wrong :
       {"memory://bob", "tcp://", "tcp://x", "127.0.0.1:1"}) {
    auto address = listen_at(wrong);
    REQUIRE(!address);
    CHECK(address.error() == ec::invalid_option);
    auto link = dial(wrong);
    REQUIRE(!link);
    CHECK(link.error() == ec::invalid_option);
  }
}

TEST_CASE_FIXTURE(fixture, "a port that is taken is refused with its number") {
  auto address = listen_at("tcp://127.0.0.1:0");
  REQUIRE(address);
  auto again = listen_at(*address);
  REQUIRE(!again);
  CHECK(to_string(again.error()).find(address->substr(6)) != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "nobody listens once the transport has ended") {
  auto address = listen_at("tcp://127.0.0.1:0");
  REQUIRE(address);
  caf::anon_send_exit(uut, caf::exit_reason::user_shutdown);
  REQUIRE(run_until([&] {
    uut = spawn();
    return static_cast<bool>(listen_at(*address));
  }));
}

TEST_CASE_FIXTURE(fixture, "dialling nobody is reported by the link") {
  auto address = listen_at("tcp://127.0.0.1:0");
  REQUIRE(address);
  caf::anon_send_exit(uut, caf::exit_reason::user_shutdown);
  test.run();
  uut = spawn();
  auto link = dial(*address);
  REQUIRE(link);
  caf::anon_send(link->link, link_open{listener(by_dialler)});
  REQUIRE(run_until([&] { return by_dialler.closed.has_value(); }));
  CHECK(*by_dialler.closed == ec::unreachable);
}

TEST_SUITE_END();
