#pragma once

#include "runtime/result.hpp"
#include "runtime/session/kem_exchange.hpp"
#include "runtime/session/record_layer.hpp"
#include "runtime/session/role.hpp"
#include "runtime/session/session_events.hpp"
#include "runtime/session/session_options.hpp"

#include <botan/rng.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace starling::session {

/// The established part of a session: payload in records, and the rotation of
/// the keys under them.
///
/// Each direction rotates by itself: its sender takes a ratchet step when the
/// key is old enough or has carried enough, and shows it by the epoch byte of
/// the next record. At intervals a fresh exchange (see `kem_exchange`) renews
/// both directions. Neither holds payload back.
///
/// Sans-IO: records for the peer are appended to the `out` that is handed in.
class payload_channel {
public:
  using time_point = std::chrono::steady_clock::time_point;

  struct start {
    role side = role::initiator;
    /// Secrets of the two directions, `secret_size` bytes each.
    secret outgoing;
    secret incoming;
    /// Group of the fresh exchanges.
    uint16_t group = 0;
    /// Payload bytes of the longest record that the peer accepts.
    size_t peer_payload_max = 0;
    time_point now{};
  };

  /// What a record from the peer turned out to be.
  struct taken {
    /// Decrypted payload, inside the body that was handed in.
    std::span<const uint8_t> payload;
    /// The peer has closed the session in order.
    bool closed = false;
  };

  /// `opts` and `stats` outlive this.
  payload_channel(start input, const session_options& opts,
                  std::shared_ptr<Botan::RandomNumberGenerator> rng,
                  session_stats& stats);

  /// Most bytes that `send` appends for that much payload.
  [[nodiscard]] size_t sealed_size_max(size_t payload_size) const;

  /// Appends payload in one or more records. Errors: limit_reached.
  result<void> send(std::span<const uint8_t> payload, time_point now,
                    std::vector<uint8_t>& out);

  /// Takes one record and decrypts it in place. Errors: tampered,
  /// protocol_violation, malformed_input, connection_closed (the peer gave up
  /// and says why).
  result<taken> receive(std::span<const uint8_t, record_header_size> header,
                        std::span<uint8_t> body, time_point now,
                        std::vector<uint8_t>& out);

  /// Rotates what is due. Errors: timed_out (the peer withholds an exchange).
  result<void> tick(time_point now, std::vector<uint8_t>& out);

  /// Appends the last record; nothing for `reason` means in order.
  result<void> close(std::optional<ec> reason, std::vector<uint8_t>& out);

  /// When `tick` has something to do.
  [[nodiscard]] time_point next_deadline() const;

private:
  result<void> seal(record_type type, std::span<const uint8_t> payload,
                    time_point now, std::vector<uint8_t>& out);
  result<void> seal(const control_message& message, time_point now,
                    std::vector<uint8_t>& out);
  result<taken> take_control(std::span<const uint8_t> payload, time_point now,
                             std::vector<uint8_t>& out);
  result<void> apply(kem_exchange::step step, time_point now,
                     std::vector<uint8_t>& out);
  result<void> exchange_if_due(time_point now, std::vector<uint8_t>& out);
  result<void> count_offer(time_point now);
  void rotate_if_due(time_point now);
  void note_new_key(time_point now);
  [[nodiscard]] time_point kem_due() const;
  [[nodiscard]] bool has_many_rotations() const;

  role side_;
  const session_options& opts_;
  std::shared_ptr<Botan::RandomNumberGenerator> rng_;
  session_stats& stats_;
  record_sealer sealer_;
  record_opener opener_;
  kem_exchange exchange_;
  size_t payload_max_;
  /// Of the outgoing key: since when, and whether it has carried payload.
  time_point key_since_;
  bool key_used_ = false;
  uint32_t rotations_since_kem_ = 0;
  /// Of the last exchange that was completed, and of the one under way.
  time_point kem_since_;
  time_point kem_started_;
  /// Before that, this side starts none.
  time_point may_offer_;
  /// Exchanges the peer may start now, and when it may start one more.
  uint32_t offers_left_;
  time_point offers_since_;
};

} // namespace starling::session
