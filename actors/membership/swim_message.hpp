#pragma once

#include "messages/peer_id.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace starling::membership {

/// A node's state as someone sees it; whoever leaves says so in its record.
/// Numbers travel between nodes: never renumber.
enum class liveness : uint8_t { alive = 0, suspect, dead };

inline constexpr liveness liveness_last = liveness::dead;

/// Returns "alive", "suspect" or "dead".
[[nodiscard]] std::string_view name_of(liveness x);

/// Hearsay about a node.
struct rumour {
  peer_id id;
  uint64_t incarnation = 0;
  liveness state = liveness::alive;

  friend bool operator==(const rumour&, const rumour&) = default;
};

/// What nodes say to each other to find out who is alive.
struct swim_message {
  enum class kind : uint8_t {
    ping,
    /// Answers a ping, or a request once its target has answered.
    ack,
    /// Asks the receiver to ping `target`.
    ping_request,
  };

  kind what = kind::ping;
  /// Given by whoever waits for the answer.
  uint64_t sequence = 0;
  /// Only of a request.
  peer_id target;
  std::vector<rumour> rumours;

  friend bool operator==(const swim_message&, const swim_message&) = default;
};

/// Rumours in one message from outside.
inline constexpr size_t rumours_max = 64;

[[nodiscard]] std::vector<uint8_t> encode(const swim_message& x);

/// Errors: malformed_input, limit_reached.
[[nodiscard]] result<swim_message>
decode_swim_message(std::span<const uint8_t> bytes);

} // namespace starling::membership
