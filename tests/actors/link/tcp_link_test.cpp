#include "tests/actors/link/tcp_fixture.hpp"

#include <caf/send.hpp>
#include <fmt/format.h>

using namespace starling;
using namespace starling::test;
using namespace std::literals;

TEST_SUITE_BEGIN("actors/link/tcp_link");

TEST_CASE_FIXTURE(tcp_fixture, "bytes pass both ways and in order") {
  auto [link, raw] = connected_pair();
  auto log = heard{};
  test.tell(link, link_open{listener(log)});
  auto sent = std::string{};
  for (auto i = 0; i < 1000; ++i) {
    const auto text = fmt::format("{}, ", i);
    caf::anon_send(link, link_bytes{bytes_of(text)});
    write(raw, text);
    sent += text;
    if (i % 100 == 0)
      test.run();
  }
  auto received = std::string{};
  CHECK(run_until([&, &raw = raw] {
    received += read(raw);
    return received.size() == sent.size() && log.bytes.size() == sent.size();
  }));
  CHECK(received == sent);
  CHECK(log.bytes == sent);
  CHECK(!log.closed);
}

TEST_CASE_FIXTURE(tcp_fixture, "what comes before the link is opened waits") {
  auto [link, raw] = connected_pair();
  write(raw, "early");
  test.run();
  auto log = heard{};
  test.tell(link, link_open{listener(log)});
  CHECK(run_until([&] { return !log.bytes.empty(); }));
  CHECK(log.bytes == "early");
}

TEST_CASE_FIXTURE(tcp_fixture, "the other side's end closes without an error") {
  auto [link, raw] = connected_pair();
  auto log = heard{};
  test.tell(link, link_open{listener(log)});
  write(raw, "last words");
  raw = event_loop::unique_fd{};
  CHECK(run_until([&] { return log.closed.has_value(); }));
  CHECK(log.bytes == "last words");
  CHECK(*log.closed == caf::error{});
}

TEST_CASE_FIXTURE(tcp_fixture, "closing sends what waits first") {
  auto [link, raw] = connected_pair();
  auto log = heard{};
  test.tell(link, link_open{listener(log)});
  // More than a socket's buffer takes.
  const auto size = size_t{4} << 20;
  caf::anon_send(link, link_bytes{caf::byte_buffer(size)});
  test.tell(link, link_close{});
  CHECK(!log.closed);
  auto received = size_t{0};
  CHECK(run_until([&, &raw = raw] {
    received += read(raw).size();
    return at_end(raw);
  }));
  CHECK(received == size);
  raw = event_loop::unique_fd{};
  CHECK(run_until([&] { return log.closed.has_value(); }));
  CHECK(*log.closed == caf::error{});
}

TEST_CASE_FIXTURE(tcp_fixture, "a side that does not read is given up") {
  auto [link, raw] = connected_pair();
  auto log = heard{};
  test.tell(link, link_open{listener(log)});
  caf::anon_send(link, link_bytes{caf::byte_buffer(4u << 20)});
  test.tell(link, link_close{});
  test.advance(1900ms);
  CHECK(!log.closed);
  test.advance(200ms);
  REQUIRE(log.closed);
  CHECK(*log.closed == ec::timed_out);
}

TEST_CASE_FIXTURE(tcp_fixture, "drained comes once less than 64 KiB wait") {
  auto [link, raw] = connected_pair();
  auto log = heard{};
  test.tell(link, link_open{listener(log)});
  SUBCASE("after the other side has read") {
    test.tell(link, link_bytes{caf::byte_buffer(4u << 20)});
    CHECK(log.drained.empty());
    CHECK(run_until([&, &raw = raw] {
      read(raw);
      return !log.drained.empty();
    }));
    CHECK(log.drained.size() == 1);
    CHECK(log.drained[0] < 64u << 10);
  }
  SUBCASE("once for every 64 KiB that leave at once") {
    for (auto i = 0; i < 128; ++i) {
      test.tell(link, link_bytes{caf::byte_buffer(1'024)});
      read(raw);
    }
    CHECK(log.drained == std::vector<uint64_t>{0, 0});
  }
}

TEST_CASE_FIXTURE(tcp_fixture, "a link ends with its listener") {
  auto [link, raw] = connected_pair();
  auto log = heard{};
  auto aut = listener(log);
  test.tell(link, link_open{aut});
  caf::anon_send_exit(aut, caf::exit_reason::kill);
  CHECK(run_until([&raw = raw] { return at_end(raw); }));
}

TEST_CASE_FIXTURE(tcp_fixture, "a stopped link tells its listener") {
  auto [link, raw] = connected_pair();
  auto log = heard{};
  test.tell(link, link_open{listener(log)});
  caf::anon_send_exit(link, caf::exit_reason::kill);
  test.run();
  REQUIRE(log.closed);
  CHECK(*log.closed == ec::connection_closed);
  CHECK(run_until([&raw = raw] { return at_end(raw); }));
}

TEST_CASE_FIXTURE(tcp_fixture, "a link that nobody opens ends") {
  auto [link, raw] = connected_pair();
  test.advance(9900ms);
  CHECK(!at_end(raw));
  test.advance(200ms);
  CHECK(run_until([&raw = raw] { return at_end(raw); }));
}

TEST_CASE_FIXTURE(tcp_fixture, "a link has one listener") {
  auto [link, raw] = connected_pair();
  auto log = heard{};
  test.tell(link, link_open{listener(log)});
  auto again = test.ask<void>(link, link_open{listener(log)});
  REQUIRE(!again);
  CHECK(again.error() == ec::wrong_state);
}

TEST_CASE_FIXTURE(tcp_fixture, "a reset is reported as a broken connection") {
  auto at = listen();
  auto raw = connect(at.address);
  CHECK(run_until([&] { return arrivals.links.size() == 1; }));
  auto log = heard{};
  test.tell(arrivals.links[0].link, link_open{listener(log)});
  // Closing with a linger time of zero sends RST.
  const auto none = linger{1, 0};
  ::setsockopt(raw.get(), SOL_SOCKET, SO_LINGER, &none, sizeof(none));
  raw = event_loop::unique_fd{};
  CHECK(run_until([&] { return log.closed.has_value(); }));
  CHECK(*log.closed == ec::connection_closed);
}

TEST_CASE_FIXTURE(tcp_fixture, "a dialled link can be used at once") {
  auto at = listen();
  auto from = keep(*link::dial_tcp(test.sys(), at.address, acceptor));
  auto near = heard{};
  auto far = heard{};
  caf::anon_send(from, link_open{listener(near)});
  caf::anon_send(from, link_bytes{bytes_of("hello")});
  CHECK(run_until([&] { return arrivals.links.size() == 2; }));
  for (auto& arrival : arrivals.links) {
    if (arrival.dialled) {
      CHECK(arrival.link == from);
      CHECK(arrival.address == at.address);
    } else {
      CHECK(arrival.address.starts_with("tcp://127.0.0.1:"));
      test.tell(arrival.link, link_open{listener(far)});
      test.tell(arrival.link, link_bytes{bytes_of("welcome")});
      keep(arrival.link);
    }
  }
  CHECK(run_until([&] { return near.bytes.size() + far.bytes.size() == 12; }));
  CHECK(far.bytes == "hello");
  CHECK(near.bytes == "welcome");
  test.tell(from, link_close{});
  CHECK(run_until([&] { return near.closed && far.closed; }));
  CHECK(*near.closed == caf::error{});
  CHECK(*far.closed == caf::error{});
}

TEST_CASE_FIXTURE(tcp_fixture, "a refused connection is reported") {
  // A port that was free a moment ago.
  auto at = listen();
  caf::anon_send_exit(at.listener, caf::exit_reason::kill);
  test.run();
  auto log = heard{};
  auto link = keep(*link::dial_tcp(test.sys(), at.address));
  SUBCASE("to who opened the link before") {
    test.tell(link, link_open{listener(log)});
  }
  SUBCASE("to who opens it later") {
    test.advance(5s);
    test.tell(link, link_open{listener(log)});
  }
  CHECK(run_until([&] { return log.closed.has_value(); }));
  CHECK(*log.closed == ec::unreachable);
}

TEST_CASE_FIXTURE(tcp_fixture, "an address without an answer times out") {
  // A listening socket whose queue is full drops what comes.
  auto any = *event_loop::numeric_address("127.0.0.1", 0);
  auto deaf = event_loop::listen_tcp_socket(any, 0);
  REQUIRE(deaf);
  auto full = *event_loop::local_address(deaf->get());
  auto at = "tcp://" + to_string(full);
  auto fillers = std::vector<event_loop::unique_fd>{};
  for (auto i = 0; i < 4; ++i)
    fillers.push_back(std::move(*event_loop::begin_tcp_connect(full)));
  auto log = heard{};
  auto link = keep(*link::dial_tcp(test.sys(), at, acceptor));
  test.tell(link, link_open{listener(log)});
  test.advance(4900ms);
  CHECK(!log.closed);
  test.advance(200ms);
  REQUIRE(log.closed);
  CHECK(*log.closed == ec::timed_out);
  CHECK(arrivals.links.empty());
}

TEST_CASE_FIXTURE(tcp_fixture, "the acceptor's no ends a dialled link") {
  auto at = listen();
  arrivals.reply = accepted::answer::no;
  auto log = heard{};
  auto link = keep(*link::dial_tcp(test.sys(), at.address, acceptor));
  test.tell(link, link_open{listener(log)});
  CHECK(run_until([&] { return log.closed.has_value(); }));
  CHECK(*log.closed == ec::limit_reached);
}

TEST_CASE_FIXTURE(tcp_fixture, "what is no TCP address is refused") {
  for (const auto* wrong : {"udp://127.0.0.1:1", "tcp://127.0.0.1",
                            "tcp://127.0.0.1:0", "127.0.0.1:7", ""}) {
    auto link = link::dial_tcp(test.sys(), wrong);
    REQUIRE(!link);
    CHECK(link.error() == ec::invalid_option);
  }
}

TEST_CASE("a system without sockets has no TCP links") {
  deterministic_system test{network::simulated};
  auto link = link::dial_tcp(test.sys(), "tcp://127.0.0.1:7");
  REQUIRE(!link);
  CHECK(link.error() == ec::wrong_state);
}

TEST_SUITE_END();
