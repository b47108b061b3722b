#pragma once

#include "actors/link/tcp_link.hpp"
#include "tests/support/deterministic_system.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <poll.h>
#include <sys/socket.h>

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace starling::test {

inline caf::byte_buffer bytes_of(std::string_view text) {
  const auto* first = reinterpret_cast<const caf::byte*>(text.data());
  return {first, first + text.size()};
}

/// What a listener heard.
struct heard {
  std::string bytes;
  size_t messages = 0;
  std::vector<uint64_t> drained;
  std::optional<caf::error> closed;

  static link_listener_actor::behavior_type listen(link_listener_actor::pointer,
                                                   heard* out) {
    return {
      [out](const link_bytes& msg) {
        CHECK(!out->closed);
        out->messages += 1;
        out->bytes.append(reinterpret_cast<const char*>(msg.data.data()),
                          msg.data.size());
      },
      [out](const link_drained& msg) { out->drained.push_back(msg.waiting); },
      [out](const link_closed& msg) {
        CHECK(!out->closed);
        out->closed = msg.reason;
      },
    };
  }
};

/// Takes all links, or refuses them, or leaves their announcement unanswered.
struct accepted {
  enum class answer : uint8_t { yes, no, none };

  answer reply = answer::yes;
  std::vector<link_opened> links;
  std::vector<caf::typed_response_promise<void>> unanswered;

  static link_acceptor_actor::behavior_type
  accept(link_acceptor_actor::pointer self, accepted* out) {
    return {
      [self, out](const link_opened& msg) -> caf::result<void> {
        out->links.push_back(msg);
        if (out->reply == answer::no)
          return caf::make_error(ec::limit_reached, "full");
        if (out->reply == answer::yes)
          return caf::unit;
        out->unanswered.push_back(self->make_response_promise<void>());
        return out->unanswered.back();
      },
    };
  }
};

/// Sockets on loopback, handled on the test's thread.
struct tcp_fixture {
  deterministic_system test{network::sockets};
  accepted arrivals;
  link_acceptor_actor acceptor = test.sys().spawn(accepted::accept, &arrivals);
  std::vector<caf::actor> to_end{caf::actor_cast<caf::actor>(acceptor)};

  ~tcp_fixture() {
    arrivals.unanswered.clear();
    arrivals.links.clear();
    for (auto& one : to_end)
      caf::anon_send_exit(one, caf::exit_reason::kill);
    to_end.clear();
    acceptor = nullptr;
  }

  template <class Handle>
  Handle keep(Handle handle) {
    to_end.push_back(caf::actor_cast<caf::actor>(handle));
    return handle;
  }

  link_listener_actor listener(heard& out) {
    return keep(test.sys().spawn(heard::listen, &out));
  }

  /// Runs until `done`. What goes through the kernel is there at once on
  /// loopback, but nobody promised that; so wait for it, at most five seconds.
  template <class Predicate>
  bool run_until(Predicate done) {
    for (auto tries = 0; tries < 5'000; ++tries) {
      test.run();
      if (done())
        return true;
      ::poll(nullptr, 0, 1);
    }
    return false;
  }

  link::tcp_listening listen(const link::tcp_options& opts = {}) {
    auto listening
      = link::listen_tcp(test.sys(), "tcp://127.0.0.1:0", acceptor, opts);
    REQUIRE(listening);
    keep(listening->listener);
    return *listening;
  }

  static uint16_t port_of(const std::string& address) {
    auto port = uint16_t{0};
    const auto* first = address.data() + address.rfind(':') + 1;
    std::from_chars(first, address.data() + address.size(), port);
    return port;
  }

  /// A client without any of our code above the socket.
  static event_loop::unique_fd connect(const std::string& address) {
    auto fd = event_loop::unique_fd{::socket(AF_INET, SOCK_STREAM, 0)};
    auto to = *event_loop::numeric_address("127.0.0.1", port_of(address));
    REQUIRE(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to.storage),
                      to.size)
            == 0);
    return fd;
  }

  /// Two ends of one connection.
  struct pair {
    link_actor ours;
    event_loop::unique_fd theirs;
  };

  pair connected_pair(const link::tcp_options& opts = {}) {
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
    auto ours
      = link::adopt_socket(test.sys(), event_loop::unique_fd{fds[0]}, opts);
    REQUIRE(ours);
    return {keep(*ours), event_loop::unique_fd{fds[1]}};
  }

  static void write(const event_loop::unique_fd& fd, std::string_view text) {
    CHECK(::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL)
          == static_cast<ssize_t>(text.size()));
  }

  /// Reads what is there without waiting.
  static std::string read(const event_loop::unique_fd& fd) {
    auto result = std::string{};
    char buffer[65'536];
    for (;;) {
      const auto got = ::recv(fd.get(), buffer, sizeof(buffer), MSG_DONTWAIT);
      if (got <= 0)
        return result;
      result.append(buffer, static_cast<size_t>(got));
    }
  }

  /// Whether the other side has said that it sends nothing more.
  static bool at_end(const event_loop::unique_fd& fd) {
    char one = 0;
    return ::recv(fd.get(), &one, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
  }
};

} // namespace starling::test
