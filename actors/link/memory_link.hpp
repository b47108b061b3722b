#pragma once

#include "actors/link/memory_network.hpp"
#include "messages/link.hpp"

#include <caf/actor_system.hpp>
#include <caf/expected.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace starling::link {

struct memory_link_options {
  /// From the call to a connection.
  std::chrono::milliseconds dial_timeout = std::chrono::seconds{5};
  /// How long a link waits for `link_open`.
  std::chrono::milliseconds open_timeout = std::chrono::seconds{10};
  /// How long an ending link waits for the other side's end.
  std::chrono::milliseconds close_timeout = std::chrono::seconds{2};
  /// Most bytes of one `link_bytes` to the listener.
  size_t piece_max = 64u << 10;
  /// See `link_drained`: bytes.
  size_t low_water = 64u << 10;
};

/// The names at which links through one `memory_network` can be dialled, for
/// tests and simulation. The two ends of a link may live in different actor
/// systems that share a thread. A memory link does what a TCP link does, in
/// virtual time and without the operating system; no other difference is meant.
///
/// Bytes that wait are those that have not arrived at the other side.
///
/// Addresses are "memory://NAME"; NAME is also the host in the network.
/// Not thread-safe; it and the network must outlive the actor systems.
class memory_exchange {
public:
  explicit memory_exchange(memory_network& network,
                           const memory_link_options& opts = {});

  /// Makes the acceptor's node reachable by that name; returns the address.
  /// Errors: duplicate_name.
  caf::expected<std::string> listen(caf::actor_system& system,
                                    const std::string& name,
                                    link_acceptor_actor acceptor);

  /// Refuses new links to that name; links that stand live on.
  void unlisten(std::string_view name);

  /// Dials from the host `from`. As for TCP, the link can be opened and
  /// written to at once, the acceptor (if there is one) is told when the
  /// connection stands, and failure is reported by `link_closed` (unreachable,
  /// timed_out). Errors: invalid_option (the address).
  caf::expected<link_actor>
  dial(caf::actor_system& system, const std::string& from,
       const std::string& address, link_acceptor_actor acceptor = {});

  [[nodiscard]] memory_network& network() {
    return network_;
  }

private:
  struct listening {
    caf::actor_system* system = nullptr;
    link_acceptor_actor acceptor;
  };

  memory_network& network_;
  memory_link_options opts_;
  std::map<std::string, listening, std::less<>> listening_;
};

} // namespace starling::link
