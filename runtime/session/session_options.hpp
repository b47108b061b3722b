#pragma once

#include "runtime/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace starling::session {

/// TLS codes of the hybrid groups this node speaks: a classical exchange and
/// ML-KEM, so that both have to be broken.
/// Source: draft-ietf-tls-ecdhe-mlkem, section 4.
inline constexpr uint16_t secp384r1_ml_kem_1024 = 0x11ed;
inline constexpr uint16_t x25519_ml_kem_768 = 0x11ec;

/// Hard bounds of one AES-256-GCM key, on top of the rotation that comes long
/// before. 2^24.5 full TLS records of 2^14 bytes are the safe limit; counted in
/// bytes that is 2^38.5, and a record here may be longer than TLS allows, so
/// both are bounded.
/// Source: RFC 8446, section 5.5; RFC 9001, section 6.6 and appendix B.1.
inline constexpr uint64_t key_records_max = uint64_t{1} << 24;
inline constexpr uint64_t key_bytes_max = uint64_t{1} << 38;

/// Payload of the longest record that a peer may send, whatever its options.
inline constexpr size_t record_payload_limit = 1024 * 1024;

struct session_options {
  using duration = std::chrono::steady_clock::duration;

  /// From construction to established; later the session fails with
  /// `timed_out`.
  duration handshake_timeout = std::chrono::seconds{30};
  /// Age at which a direction's key is replaced by its ratchet, if it was used.
  duration rotate_interval = std::chrono::minutes{5};
  /// Payload bytes after which a direction's key is replaced, 1 to
  /// `key_bytes_max` / 2.
  uint64_t rotate_bytes = uint64_t{1} << 30;
  /// Records after which a direction's key is replaced, 1 to
  /// `key_records_max` / 2.
  uint64_t rotate_records = uint64_t{1} << 20;
  /// Time between two fresh hybrid key exchanges inside the session.
  duration kem_interval = std::chrono::minutes{15};
  /// Ratchet steps of the sending direction after which a fresh exchange is
  /// made even before `kem_interval`; 0 means never.
  uint32_t kem_rotations = 16;
  /// Least time between two exchanges that this side starts, however many are
  /// due: a peer refuses more than `kem_peer_interval` allows, and clocks
  /// differ.
  duration kem_pause = std::chrono::seconds{2};
  /// How long the peer may take to answer a fresh exchange; later the session
  /// fails with `timed_out`, because its recovery is being withheld.
  duration kem_timeout = std::chrono::minutes{5};
  /// A peer may start that many exchanges at once, and one more for each
  /// `kem_peer_interval` that passes: an exchange costs a millisecond of CPU.
  uint32_t kem_peer_burst = 8;
  duration kem_peer_interval = std::chrono::seconds{1};
  /// Payload bytes in the longest record accepted and sent, 1 to
  /// `record_payload_limit`; a peer that accepts less is sent less.
  size_t record_payload_max = 64 * 1024;
  /// Bytes waiting in `output()`; what would exceed it is refused with
  /// `limit_reached`, and the session lives on.
  size_t output_max = 64 * 1024 * 1024;
  /// Bytes accepted from the peer before the session is established.
  size_t handshake_bytes_max = 64 * 1024;
  /// Groups in order of preference; a subset of the two hybrids.
  std::vector<uint16_t> groups = {secp384r1_ml_kem_1024, x25519_ml_kem_768};
};

/// Says which option is out of its range. Errors: invalid_option.
result<void> validate(const session_options& opts);

} // namespace starling::session
