#include "runtime/event_loop/socket.hpp"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <cstring>

using namespace starling;
using namespace starling::event_loop;
using status = io_outcome::status;

namespace {

std::array<unique_fd, 2> socket_pair() {
  int fds[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
  return {unique_fd{fds[0]}, unique_fd{fds[1]}};
}

io_outcome write_text(const unique_fd& fd, std::string text) {
  auto piece = iovec{text.data(), text.size()};
  return write_socket(fd.get(), {&piece, 1});
}

} // namespace

TEST_SUITE_BEGIN("runtime/event_loop/socket");

TEST_CASE("addresses are read and written in the usual notation") {
  CHECK(to_string(*numeric_address("127.0.0.1", 4711)) == "127.0.0.1:4711");
  CHECK(to_string(*numeric_address("::1", 80)) == "[::1]:80");
  // RFC 5952, section 4.1: leading zeros are not written.
  CHECK(to_string(*numeric_address("2001:0db8::0001", 1)) == "[2001:db8::1]:1");
  CHECK(to_string(*numeric_address("localhost", 7)) == "127.0.0.1:7");
}

TEST_CASE("a host name is no numeric address") {
  for (const auto* text : {"example.org", "", "256.1.1.1", "1.2.3", "[::1]"}) {
    const auto address = numeric_address(text, 1);
    REQUIRE(!address);
    CHECK(address.error().code == ec::unknown_name);
  }
}

TEST_CASE("looking up an address gives that address") {
  const auto found = look_up("127.0.0.1", 9);
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  CHECK(to_string(found->front()) == "127.0.0.1:9");
}

TEST_CASE("looking up a name that can't exist fails") {
  // A label may have 63 characters at most (RFC 1035, section 2.3.4), so no
  // name server is asked.
  const auto found = look_up(std::string(70, 'x') + ".invalid", 9);
  REQUIRE(!found);
  CHECK(found.error().code == ec::unreachable);
}

TEST_CASE("connecting and listening meet") {
  const auto any = *numeric_address("127.0.0.1", 0);
  const auto server = listen_tcp_socket(any, 4);
  REQUIRE(server);
  const auto bound = local_address(server->get());
  REQUIRE(bound);
  const auto client = begin_tcp_connect(*bound);
  REQUIRE(client);
  auto ready = pollfd{client->get(), POLLOUT, 0};
  REQUIRE(::poll(&ready, 1, 5'000) == 1);
  CHECK(connect_outcome(client->get(), *bound));
  CHECK(to_string(*remote_address(client->get())) == to_string(*bound));
}

TEST_CASE("a port nobody listens on refuses") {
  const auto any = *numeric_address("127.0.0.1", 0);
  auto server = listen_tcp_socket(any, 4);
  REQUIRE(server);
  const auto bound = *local_address(server->get());
  server = unique_fd{};
  const auto client = begin_tcp_connect(bound);
  if (client) {
    auto ready = pollfd{client->get(), POLLOUT, 0};
    REQUIRE(::poll(&ready, 1, 5'000) == 1);
    const auto outcome = connect_outcome(client->get(), bound);
    REQUIRE(!outcome);
    CHECK(outcome.error().code == ec::unreachable);
    CHECK(outcome.error().text.find(to_string(bound)) != std::string::npos);
  } else {
    CHECK(client.error().code == ec::unreachable);
  }
}

TEST_CASE("reading tells data, nothing yet and the end apart") {
  auto [left, right] = socket_pair();
  auto buffer = std::array<std::byte, 16>{};
  CHECK(read_socket(left.get(), buffer).what == status::blocked);
  CHECK(write_text(right, "hello").bytes == 5);
  const auto got = read_socket(left.get(), buffer);
  CHECK(got.what == status::moved);
  CHECK(got.bytes == 5);
  CHECK(std::memcmp(buffer.data(), "hello", 5) == 0);
  end_output(right.get());
  CHECK(read_socket(left.get(), buffer).what == status::ended);
  // The other direction still works.
  CHECK(write_text(left, "still").what == status::moved);
}

TEST_CASE("writing tells a full socket from a broken one") {
  auto [left, right] = socket_pair();
  auto last = io_outcome{};
  do
    last = write_text(left, std::string(65'536, 'x'));
  while (last.what == status::moved);
  CHECK(last.what == status::blocked);
  right = unique_fd{};
  last = write_text(left, "x");
  CHECK(last.what == status::broken);
  CHECK(last.error == EPIPE);
}

TEST_CASE("a descriptor has one owner") {
  auto [left, right] = socket_pair();
  const auto number = left.get();
  auto moved = std::move(left);
  CHECK(moved.get() == number);
  const auto released = moved.release();
  CHECK(!moved);
  auto again = unique_fd{released};
  CHECK(again.get() == number);
}

TEST_SUITE_END();
