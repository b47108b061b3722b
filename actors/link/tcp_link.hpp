#pragma once

#include "messages/link.hpp"
#include "runtime/event_loop/socket.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/expected.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace starling::link {

struct tcp_options {
  /// From the call to a connection, all addresses of a host name and asking the
  /// name servers included.
  std::chrono::milliseconds dial_timeout = std::chrono::seconds{5};
  /// How long a link waits for `link_open`. After that it ends; a link that
  /// failed meanwhile keeps the reason that long.
  std::chrono::milliseconds open_timeout = std::chrono::seconds{10};
  /// How long an ending link tries to send what waits and to see the other
  /// side's end.
  std::chrono::milliseconds close_timeout = std::chrono::seconds{2};
  /// Links of one listener that are ending at a time; more end at once, and
  /// what the other side has not read yet may be lost.
  size_t endings_max = 256;
  /// New links of one listener that the acceptor has not answered yet; more are
  /// closed at once.
  size_t accepts_max = 64;
  /// Most bytes of one `link_bytes` to the listener.
  size_t read_max = 64u << 10;
  /// See `link_drained`: bytes.
  size_t low_water = 64u << 10;
};

/// TCP links run on the middleman's event loop, and read and write there
/// directly. Who sends to them from the same loop (a broker) pays no switch of
/// threads. All bytes that one round of the mailbox brought leave in one system
/// call.
///
/// A link reads nothing before `link_open`, so what comes early waits in the
/// operating system. It reports `link_drained` when fewer than `low_water`
/// bytes wait and at least `low_water` bytes were handed over since the last
/// report: who stops at twice that amount without a report never stalls. How
/// much may wait in total is the sender's business.
///
/// It ends when it is closed, the other side ends, the connection breaks or its
/// listener terminates; `link_closed` is the last message, and the actor quits
/// with the same reason.
///
/// Addresses are "tcp://HOST:PORT", IPv6 in brackets.

/// Connects without blocking anything; the link can be opened and written to at
/// once. The acceptor, if there is one, is told when the connection stands; its
/// error ends the link. Failure is reported by `link_closed` (unreachable,
/// timed_out). Errors: invalid_option (the address), wrong_state (the system
/// has no sockets).
caf::expected<link_actor>
dial_tcp(caf::actor_system& system, const std::string& address,
         link_acceptor_actor acceptor = {}, const tcp_options& opts = {});

/// Makes a link of a connected stream socket. Links with the same count, which
/// belongs to the event loop's thread, share `endings_max`. Errors:
/// wrong_state.
caf::expected<link_actor> adopt_socket(caf::actor_system& system,
                                       event_loop::unique_fd socket,
                                       const tcp_options& opts = {},
                                       std::shared_ptr<size_t> endings = {});

struct tcp_listening {
  /// Takes connections until it is ended with an exit message. Links that it
  /// made live on.
  caf::actor listener;
  /// With the port in use, e.g. "tcp://127.0.0.1:40123".
  std::string address;
};

/// Takes connections and tells the acceptor of each; the acceptor's error
/// closes the connection. Ends with the acceptor. A host name is looked up
/// before this returns. Errors: invalid_option (the address), unreachable (it
/// can't be bound), wrong_state (the system has no sockets).
caf::expected<tcp_listening>
listen_tcp(caf::actor_system& system, const std::string& address,
           link_acceptor_actor acceptor, const tcp_options& opts = {});

} // namespace starling::link
