#pragma once

#include "messages/peer_id.hpp"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

namespace starling {

/// Names a packet among those of its source: 16 random bytes.
struct packet_id {
  static constexpr size_t size = 16;

  std::array<uint8_t, size> bytes{};

  friend auto operator<=>(const packet_id&, const packet_id&) = default;
};

/// Returns 32 lower-case hexadecimal digits.
[[nodiscard]] std::string to_string(const packet_id& id);

/// What a packet is for. Numbers travel between nodes: never renumber.
enum class packet_type : uint8_t {
  /// What agents say to each other, and relayed sessions.
  data = 0,
  /// What nodes say to each other, e.g. routing errors.
  control,
  /// What routers say to each other.
  routing,
  /// Announcements.
  discovery,
  /// Signs of life.
  heartbeat,
};

inline constexpr packet_type packet_type_last = packet_type::heartbeat;

/// Bits of `packet::flags`. Bits without a name here are kept as they are.
namespace packet_flag {

/// Has a signature.
inline constexpr uint16_t is_signed = 1;
/// Each node on the way enters itself in `packet::route`.
inline constexpr uint16_t record_route = 2;
/// Is a routing error; never answered with another one.
inline constexpr uint16_t error = 4;

} // namespace packet_flag

inline constexpr uint8_t packet_priority_max = 7;

/// Version of the packet format that this program writes.
inline constexpr uint16_t packet_version = 1;

/// A hop of a packet that is done, and the link that it took.
struct route_hop {
  /// Who took the packet.
  peer_id peer;
  /// The link's scheme, e.g. "tcp"; at most 32 bytes.
  std::string transport;
  /// One way, microseconds; 0 if not known.
  uint32_t latency_us = 0;
  /// Share of what is sent that arrives, [0, 1].
  float reliability = 1.0F;

  friend bool operator==(const route_hop&, const route_hop&) = default;
};

/// A message from node to node, through other nodes where it has to be.
///
/// Nodes on the way change `route`, `hop_count` and `ttl` only; the signature
/// covers all the rest.
struct packet {
  packet_id id;
  uint16_t version = packet_version;
  /// Hybrid time at the source.
  uint64_t timestamp = 0;
  peer_id source;
  peer_id destination;
  packet_type type = packet_type::data;
  /// 0 to 7, 7 is the most urgent.
  uint8_t priority = 3;
  /// See `packet_flag`.
  uint16_t flags = 0;
  /// Hops that are left; a packet with none is not sent on.
  uint8_t ttl = 32;
  /// Hops that are done.
  uint8_t hop_count = 0;
  /// Hops that are done, oldest first, if they were recorded.
  std::vector<route_hop> route;
  std::vector<uint8_t> payload;
  /// Of the source; empty unless `packet_flag::is_signed` is set.
  std::vector<uint8_t> signature;

  [[nodiscard]] bool has(uint16_t flag) const noexcept {
    return (flags & flag) != 0;
  }

  friend bool operator==(const packet&, const packet&) = default;
};

} // namespace starling

/// The bytes are random already.
template <>
struct std::hash<starling::packet_id> {
  size_t operator()(const starling::packet_id& id) const noexcept {
    auto result = size_t{0};
    std::memcpy(&result, id.bytes.data(), sizeof(result));
    return result;
  }
};
