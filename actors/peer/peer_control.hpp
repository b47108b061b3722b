#pragma once

#include "runtime/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace starling::peer {

/// What peers tell each other on the control channel of a session, see
/// messages/wire/peer.capnp.

/// Bounds on a control message.
struct control_limits {
  size_t bytes_max = 64 * 1024;
  size_t services_max = 64;
  size_t endpoints_max = 16;
  /// Any text.
  size_t text_max = 512;
};

struct offered_service {
  std::string name;
  uint64_t actor = 0;

  friend bool operator==(const offered_service&, const offered_service&)
    = default;
};

struct hello {
  std::string node;
  std::string name;
  std::vector<std::string> endpoints;
  std::vector<offered_service> services;
  /// What the sender can restore, see `frame_compressor`.
  uint8_t compression = 0;

  friend bool operator==(const hello&, const hello&) = default;
};

/// Replaces the services of the hello.
struct changed_services {
  std::vector<offered_service> services;

  friend bool operator==(const changed_services&, const changed_services&)
    = default;
};

struct ping {
  uint64_t number = 0;

  friend bool operator==(const ping&, const ping&) = default;
};

struct pong {
  uint64_t number = 0;

  friend bool operator==(const pong&, const pong&) = default;
};

struct actor_credit {
  uint64_t actor = 0;
  uint64_t consumed = 0;

  friend bool operator==(const actor_credit&, const actor_credit&) = default;
};

struct goodbye {
  std::string reason;

  friend bool operator==(const goodbye&, const goodbye&) = default;
};

using control_message
  = std::variant<hello, changed_services, ping, pong, actor_credit, goodbye>;

[[nodiscard]] std::vector<uint8_t> encode(const control_message& x);

/// Errors: malformed_input, limit_reached.
[[nodiscard]] result<control_message>
decode_control(std::span<const uint8_t> bytes,
               const control_limits& limits = {});

} // namespace starling::peer
