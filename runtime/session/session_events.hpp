#pragma once

#include "messages/peer_id.hpp"
#include "runtime/identity/identity_key.hpp"
#include "runtime/session/role.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace starling::session {

/// Who is at the other end, once it has proved it.
struct peer_info {
  peer_id id;
  /// Set once the session is established.
  std::optional<identity::public_key> key;
  /// What the peer handed to our admission policy.
  std::vector<uint8_t> credential;
  /// What the peer's admission policy sent to us.
  std::vector<uint8_t> reply;
  /// Role of the peer.
  role side = role::responder;
  /// TLS code of the hybrid group.
  uint16_t group = 0;
  /// Version of the session protocol.
  uint16_t version = 0;
  /// Feature bits that both sides offered.
  uint64_t features = 0;
  /// Payload bytes in the longest record that the peer accepts.
  size_t record_payload_max = 0;
};

/// Counters since construction.
struct session_stats {
  uint64_t handshake_bytes_in = 0;
  uint64_t handshake_bytes_out = 0;
  uint64_t payload_bytes_in = 0;
  uint64_t payload_bytes_out = 0;
  /// Records that carry payload.
  uint64_t records_in = 0;
  uint64_t records_out = 0;
  /// Key changes of a direction, by ratchet or by exchange.
  uint64_t rotations_in = 0;
  uint64_t rotations_out = 0;
  /// Fresh hybrid exchanges whose secret reached both directions.
  uint64_t kem_exchanges = 0;
};

/// What a session tells its owner, during `secure_session::receive`. The
/// listener may call `send` and `close` on the session, nothing else that
/// changes it, and must not destroy it.
struct session_events {
  virtual ~session_events() = default;

  /// The peer is authenticated and both sides have admitted each other.
  virtual void on_established(const peer_info& peer) = 0;

  /// The next payload bytes, in order; valid during the call. Payload is a
  /// stream: the cuts are those of records, not of the peer's calls to `send`.
  virtual void on_payload(std::span<const uint8_t> bytes) = 0;

  /// The peer has closed the session in an authenticated way.
  virtual void on_closed() = 0;
};

} // namespace starling::session
