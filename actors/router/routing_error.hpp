#pragma once

#include "messages/packet.hpp"
#include "messages/peer_id.hpp"
#include "runtime/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace starling::router {

/// Longest text in a routing error, bytes.
inline constexpr size_t routing_error_detail_max = 200;

/// Tells a source why its packet went no further.
struct routing_error {
  /// ttl_exceeded, unreachable, quarantined, or protocol_violation if the
  /// packet ran in a loop.
  ec code = ec::unreachable;
  /// The packet that went no further, and where it was going.
  packet_id packet;
  peer_id destination;
  /// Who gave it up.
  peer_id at;
  /// For people; what is too long is cut off.
  std::string detail;

  friend bool operator==(const routing_error&, const routing_error&) = default;
};

[[nodiscard]] std::vector<uint8_t> encode(const routing_error& x);

/// Errors: malformed_input, limit_reached.
[[nodiscard]] result<routing_error>
decode_routing_error(std::span<const uint8_t> bytes);

/// Returns the packet that carries the error to the source of the packet that
/// went no further, at that packet's priority, marked so that nobody answers
/// it with an error.
[[nodiscard]] packet error_packet(const routing_error& x, const packet& about,
                                  const packet_id& id, uint64_t timestamp);

} // namespace starling::router
