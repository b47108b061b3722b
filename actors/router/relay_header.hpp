#pragma once

#include "messages/packet.hpp"

#include <algorithm>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace starling::router {

/// What stands before each datagram of a relayed link, in the payload of a
/// packet of type data:
///
///   byte 0        1, the kind of payload
///   byte 1        0 from the one who opened the link, 1 back to it
///   bytes 2..17   the circuit: 16 random bytes chosen by the opener
///
/// A circuit belongs to the two nodes at its ends; nodes between forward
/// packets and keep nothing about it.
struct relay_header {
  static constexpr size_t size = 18;
  static constexpr uint8_t kind = 1;

  packet_id circuit;
  bool is_back = false;

  friend auto operator<=>(const relay_header&, const relay_header&) = default;
};

/// Returns header and datagram, one after the other.
[[nodiscard]] inline std::vector<uint8_t>
encode(const relay_header& x, std::span<const uint8_t> datagram) {
  auto result = std::vector<uint8_t>{};
  result.reserve(relay_header::size + datagram.size());
  result.push_back(relay_header::kind);
  result.push_back(x.is_back ? 1 : 0);
  result.insert(result.end(), x.circuit.bytes.begin(), x.circuit.bytes.end());
  result.insert(result.end(), datagram.begin(), datagram.end());
  return result;
}

/// Returns nothing for a payload that is no relayed datagram; the datagram
/// itself is what follows `relay_header::size` bytes.
[[nodiscard]] inline std::optional<relay_header>
decode_relay_header(std::span<const uint8_t> payload) {
  if (payload.size() < relay_header::size || payload[0] != relay_header::kind
      || payload[1] > 1)
    return std::nullopt;
  auto x = relay_header{};
  x.is_back = payload[1] == 1;
  std::copy_n(payload.begin() + 2, packet_id::size, x.circuit.bytes.begin());
  return x;
}

} // namespace starling::router
