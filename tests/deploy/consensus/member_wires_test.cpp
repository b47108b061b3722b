#include "deploy/consensus/member_wires.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

using namespace starling;
using namespace starling::deploy;
using event_loop::unique_fd;

namespace {

constexpr int patience_ms = 10'000;

event_loop::socket_address at(uint16_t port) {
  return *event_loop::numeric_address("127.0.0.1", port);
}

uint16_t port_of(const unique_fd& fd) {
  const auto text = to_string(*event_loop::local_address(fd.get()));
  return static_cast<uint16_t>(std::stoul(text.substr(text.rfind(':') + 1)));
}

uint16_t free_port() {
  return port_of(*event_loop::listen_tcp_socket(at(0), 1));
}

bool await(const unique_fd& fd, short events) {
  auto what = pollfd{fd.get(), events, 0};
  return ::poll(&what, 1, patience_ms) == 1;
}

/// Reads that many bytes, fewer at the end of the stream.
std::string read(const unique_fd& fd, size_t bytes) {
  auto text = std::string{};
  while (text.size() < bytes && await(fd, POLLIN)) {
    auto part = std::array<char, 4096>{};
    const auto count = ::read(fd.get(), part.data(),
                              std::min(part.size(), bytes - text.size()));
    if (count <= 0)
      break;
    text.append(part.data(), static_cast<size_t>(count));
  }
  return text;
}

void write(const unique_fd& fd, const std::string& text) {
  REQUIRE(await(fd, POLLOUT));
  REQUIRE(::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL)
          == static_cast<ssize_t>(text.size()));
}

/// Three members that take connections, and the wires before them.
struct fixture {
  std::array<unique_fd, 3> members;
  std::vector<member_wire> wires;
  std::unique_ptr<member_wires> net;

  fixture() {
    for (auto& member : members) {
      member = std::move(*event_loop::listen_tcp_socket(at(0), 8));
      wires.push_back({free_port(), port_of(member)});
    }
    auto opened = member_wires::open(wires);
    REQUIRE_MESSAGE(opened, opened.error().text);
    net = std::move(*opened);
  }

  [[nodiscard]] std::string request_of(size_t member) const {
    return "GET /raft/stream HTTP/1.1\r\nHost: x\r\nX-PeerURLs: "
           "http://127.0.0.1:"
           + std::to_string(wires[member].outer) + "\r\n\r\n";
  }

  /// Opens a connection to a member and sends the head of a request.
  unique_fd call(size_t to, const std::string& head) {
    auto made = event_loop::begin_tcp_connect(at(wires[to].outer));
    REQUIRE(made);
    write(*made, head);
    return std::move(*made);
  }

  /// Takes the next connection of a member.
  unique_fd take(size_t member) {
    REQUIRE(await(members[member], POLLIN));
    return unique_fd{::accept(members[member].get(), nullptr, nullptr)};
  }

  /// Whether a new connection passes, there and back.
  bool passes(size_t from, size_t to) {
    const auto head = request_of(from);
    const auto client = call(to, head);
    // Either the member has it, or the client is cut off.
    auto what = std::array{pollfd{members[to].get(), POLLIN, 0},
                           pollfd{client.get(), POLLIN, 0}};
    REQUIRE(::poll(what.data(), what.size(), patience_ms) > 0);
    if (what[0].revents == 0)
      return false;
    const auto member = take(to);
    CHECK(read(member, head.size()) == head);
    write(member, "yes");
    CHECK(read(client, 3) == "yes");
    return true;
  }
};

} // namespace

TEST_SUITE_BEGIN("deploy/consensus/member_wires");

TEST_CASE("who opened a connection stands in its first request") {
  CHECK(peer_port_in("GET / HTTP/1.1\r\nX-PeerURLs: http://127.0.0.1:4711\r\n")
        == 4711);
  CHECK(
    peer_port_in("GET / HTTP/1.1\r\nx-peerurls: http://a:1,http://b:2\r\n\r")
    == 2);
  CHECK_FALSE(peer_port_in("GET / HTTP/1.1\r\nHost: 127.0.0.1:4711\r\n\r\n"));
  CHECK_FALSE(peer_port_in("GET / HTTP/1.1\r\nX-PeerURLs: http://a\r\n\r\n"));
  CHECK_FALSE(peer_port_in("GET / HTTP/1.1\r\nX-PeerURLs: a:99999\r\n\r\n"));
  CHECK_FALSE(peer_port_in(""));
}

TEST_CASE_FIXTURE(fixture, "bytes are carried both ways, to the end") {
  for (size_t from : {0, 1, 2})
    for (size_t to : {0, 1, 2})
      CHECK(passes(from, to));
  const auto head = std::string{"GET /probe HTTP/1.1\r\n\r\n"};
  const auto client = call(0, head);
  {
    const auto member = take(0);
    CHECK(read(member, head.size()) == head);
    write(member, std::string(100'000, 'x'));
  }
  CHECK(read(client, 200'000).size() == 100'000);
}

TEST_CASE_FIXTURE(fixture,
                  "a member that is isolated hears nobody and is heard "
                  "by nobody; the others go on") {
  const auto head = request_of(0);
  const auto client = call(1, head);
  const auto member = take(1);
  CHECK(read(member, head.size()) == head);
  const auto other_head = request_of(2);
  const auto other = call(1, other_head);
  const auto other_end = take(1);
  CHECK(read(other_end, other_head.size()) == other_head);
  net->isolate(0);
  CHECK(read(client, 1).empty());
  CHECK(read(member, 1).empty());
  CHECK_FALSE(passes(0, 1));
  CHECK_FALSE(passes(2, 0));
  CHECK(passes(1, 2));
  write(other, "still");
  CHECK(read(other_end, 5) == "still");
  net->join();
  CHECK(passes(0, 1));
  CHECK(passes(2, 0));
}

TEST_CASE_FIXTURE(fixture, "whose opener is not known is cut as well") {
  const auto head = std::string{"GET /probe HTTP/1.1\r\n\r\n"};
  const auto client = call(1, head);
  const auto member = take(1);
  CHECK(read(member, head.size()) == head);
  net->isolate(0);
  CHECK(read(client, 1).empty());
}

TEST_CASE_FIXTURE(fixture, "a port that is taken is named") {
  const auto again = member_wires::open(wires);
  REQUIRE_FALSE(again);
  CHECK(again.error().text.find(std::to_string(wires[0].outer))
        != std::string::npos);
}

TEST_SUITE_END();
