#pragma once

#include "runtime/result.hpp"
#include "runtime/session/key_schedule.hpp"
#include "runtime/session/role.hpp"
#include "runtime/session/session_context.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace starling::session {

/// The TLS 1.3 channel under a session: hybrid groups, ephemeral raw keys
/// (RFC 7250) on both sides, AES-256-GCM; no certificate, no resumption, no
/// pre-shared key, no early data.
///
/// It makes a secret channel with *somebody*. Who that is, the identity step
/// finds out, by signing what this channel alone exports. Everything that knows
/// the TLS library is in this file's source, so that another one can take its
/// place.
///
/// The library's weak spots are guarded here: plaintext before the peer has
/// proved its raw key is refused on both roles (CVE-2026-34582 and its mirror
/// image), and what was negotiated is checked again after the fact.
class tls_channel {
public:
  using time_point = std::chrono::steady_clock::time_point;

  tls_channel(role side, std::shared_ptr<const session_context> context);
  ~tls_channel();

  /// Starts; an initiator has a ClientHello to send afterwards. Errors:
  /// negotiation_failed (the library can't do what is asked).
  result<void> start(time_point now);

  /// Takes one whole TLS record. Errors: negotiation_failed,
  /// authentication_failed, protocol_violation, malformed_input, tampered,
  /// connection_closed.
  result<void> receive(std::span<const uint8_t> record, time_point now);

  /// Encrypts for the peer. @pre ready().
  result<void> send(std::span<const uint8_t> plaintext, time_point now);

  /// Tells the peer that nothing more will come. Never fails: there is nobody
  /// left to care.
  void close();

  /// Bytes for the link, to be taken out.
  [[nodiscard]] std::vector<uint8_t>& output();

  /// Bytes from the authenticated end of this channel, to be taken out.
  [[nodiscard]] std::vector<uint8_t>& plaintext();

  /// Whether the handshake is complete and the peer holds its raw key.
  [[nodiscard]] bool ready() const;

  /// Keying material of this channel. @pre ready().
  /// Source: RFC 8446, section 7.5; RFC 5705.
  [[nodiscard]] secret exported(std::string_view label,
                                std::span<const uint8_t> context,
                                size_t size) const;

  /// SHA-384 of the SubjectPublicKeyInfo of the raw keys. @pre ready().
  [[nodiscard]] const std::vector<uint8_t>& own_key_hash() const;
  [[nodiscard]] const std::vector<uint8_t>& peer_key_hash() const;

  /// TLS code of the group agreed on. @pre ready().
  [[nodiscard]] uint16_t group() const;

private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace starling::session
