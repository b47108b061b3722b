#pragma once

#include "messages/peer_id.hpp"
#include "runtime/result.hpp"
#include "runtime/session/role.hpp"
#include "runtime/session/session_context.hpp"
#include "runtime/session/session_events.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace starling::session {

/// Mutual authentication and encryption on any reliable byte stream.
///
/// Three steps on one stream. (1) TLS 1.3 with a hybrid post-quantum group and
/// ephemeral raw keys makes a channel between two strangers. (2) Inside it each
/// side proves its node identity by a composite signature over that channel and
/// shows a credential, and each side's admission policy decides. (3) Payload
/// travels in AES-256-GCM records keyed from the TLS exporter; the keys rotate
/// and are refreshed by new hybrid exchanges while data flows. No payload byte
/// is sent or delivered before both sides have accepted.
///
/// Sans-IO: bytes come in by `receive`, bytes for the link appear in
/// `output()`, time is handed in and must not run backwards.
///
/// The first failure ends the session: every later call returns it, and no
/// payload is delivered any more. `output()` may still hold an alert or a
/// refusal for the peer, so flush it before closing the link.
class secure_session {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `expected` is the only peer an initiator accepts; nothing means any that
  /// the policy admits.
  secure_session(role side, std::shared_ptr<const session_context> context,
                 std::optional<peer_id> expected, time_point now);

  secure_session(secure_session&&) noexcept;
  secure_session& operator=(secure_session&&) noexcept;
  ~secure_session();

  /// Starts the handshake. @pre not called before. Errors: invalid_option.
  result<void> start();

  /// Takes bytes from the link, in any cut. Errors: malformed_input,
  /// authentication_failed, negotiation_failed, protocol_violation, tampered,
  /// timed_out, connection_closed, and whatever a policy refused with, ours or
  /// the peer's.
  result<void> receive(std::span<const uint8_t> bytes, time_point now,
                       session_events& events);

  /// Encrypts payload of any length into `output()`. Errors: wrong_state before
  /// the session is established and limit_reached when `output_max` is; neither
  /// ends the session. connection_closed after `close`.
  result<void> send(std::span<const uint8_t> payload, time_point now);

  /// Lets time pass: deadlines, rotation. Errors: timed_out.
  result<void> tick(time_point now);

  /// Says good-bye in an authenticated way. Payload that is still on its way
  /// from the peer is dropped from here on.
  void close();

  /// The link has no more bytes. Errors: connection_closed, unless the peer has
  /// closed the session before: then nobody cut the stream short.
  result<void> end_of_stream();

  /// Bytes for the link. The caller takes them out, for example by swapping in
  /// an empty vector, which keeps both buffers in use.
  [[nodiscard]] std::vector<uint8_t>& output();

  /// Whether payload may be sent now.
  [[nodiscard]] bool established() const;

  /// Whether the session ended in order, by either side.
  [[nodiscard]] bool closed() const;

  /// The first failure, if any.
  [[nodiscard]] const std::optional<failure>& error() const;

  /// Who is at the other end; complete once the session is established.
  [[nodiscard]] const peer_info& peer() const;

  /// When `tick` is next worth a call; nothing once the session has ended.
  [[nodiscard]] std::optional<time_point> next_deadline() const;

  [[nodiscard]] const session_stats& stats() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace starling::session
