#pragma once

#include "messages/packet.hpp"
#include "runtime/result.hpp"
#include "runtime/wire/signing.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace starling::wire {

/// Packets as bytes (messages/wire/packet.capnp), and the short way for relays:
/// look at the head, change what a relay may change, copy the rest once.
///
/// What nobody on the way may change has exactly one encoding and lies in one
/// piece before the signature, so that it is verified where it lies. What a
/// relay rewrites comes before it and is not signed.

/// A route that has as many entries is passed on as it is.
inline constexpr size_t route_hops_max = 32;

/// Bounds on what strangers send.
struct packet_limits {
  /// Bytes.
  size_t payload_max = 10'000'000;
  /// Entries in a recorded route.
  size_t hops_max = route_hops_max;
};

/// Longest name of a transport in a recorded route, bytes.
inline constexpr size_t transport_name_max = 32;

/// The context of packet signatures.
inline constexpr std::string_view packet_context = "starling packet 1";

/// A packet that lies encoded in memory that someone else owns.
struct packet_view {
  /// All but payload and signature, which stay empty here.
  packet head;
  std::span<const uint8_t> payload;
  std::span<const uint8_t> signature;
  /// What the signature covers.
  std::span<const uint8_t> signed_bytes;
  /// What a relay passes on as it is.
  std::span<const uint8_t> fixed_bytes;
};

/// Reads a packet in place; cost does not grow with the payload. The input
/// needs no alignment. Errors: malformed_input, limit_reached,
/// negotiation_failed (a version this program does not know).
[[nodiscard]] result<packet_view> view(std::span<const uint8_t> bytes,
                                       const packet_limits& limits = {});

/// Reads a packet and copies its payload. Errors: as `view`.
[[nodiscard]] result<packet> decode(std::span<const uint8_t> bytes,
                                    const packet_limits& limits = {});

/// Returns what `encode` needs, bytes.
[[nodiscard]] size_t encoded_size(const packet& x);

/// Writes exactly `encoded_size(x)` bytes.
/// @pre `x` is what `decode` can give: the priority is at most 7, the route is
/// empty unless it is recorded, has at most `hop_count` entries with names of
/// at most 32 bytes and reliabilities in [0, 1], the payload is shorter than 4
/// GiB, the version is not 0, and there is a signature if and only if the flag
/// says so.
void encode_to(const packet& x, std::span<uint8_t> out);

/// As `encode_to`, into bytes of its own.
[[nodiscard]] std::vector<uint8_t> encode(const packet& x);

/// Returns what `forward_to` needs, bytes.
[[nodiscard]] size_t forwarded_size(const packet_view& x,
                                    const route_hop* taken = nullptr);

/// Writes the packet as it goes on from here: one hop less to go, one more
/// done; `taken` enters the route if the packet records it. Writes exactly
/// `forwarded_size(x, taken)` bytes.
/// @pre `x.head.ttl` is not 0; `taken` is as `encode_to` wants it; `out` does
/// not overlap the bytes of `x`.
void forward_to(const packet_view& x, const route_hop* taken,
                std::span<uint8_t> out);

/// As `forward_to`, into bytes of its own.
[[nodiscard]] std::vector<uint8_t> forward(const packet_view& x,
                                           const route_hop* taken = nullptr);

/// Sets the signature and its flag.
void sign(packet& x, const sign_fn& signer);

/// Did the source sign this? False for packets without a signature.
[[nodiscard]] bool is_signed_by_source(const packet_view& x,
                                       const verify_fn& verify);

} // namespace starling::wire
