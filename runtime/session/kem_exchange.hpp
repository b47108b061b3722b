#pragma once

#include "runtime/result.hpp"
#include "runtime/session/hybrid_group.hpp"
#include "runtime/session/key_schedule.hpp"
#include "runtime/session/role.hpp"
#include "runtime/session/session_messages.hpp"

#include <botan/rng.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace starling::session {

/// A fresh hybrid key exchange inside a running session.
///
/// Ratchets protect the past: who steals today's secret learns nothing about
/// yesterday. They do not protect the future, which follows from that secret.
/// This exchange does: its secret enters the next keys of both directions, so a
/// thief who only listens is shut out again. (One who holds the keys and sits
/// in the middle stays there until the next session proves identities anew.)
///
/// Three control messages, and the switch of each direction has one place in
/// the stream, right after the message that announces it, so nothing waits:
///
///   A: offer(share)
///   B: reply(ciphertext)   -- B's next record is under the mixed key
///   A: done                -- A's next record is under the mixed key
///
/// Each direction mixes into the secret it has at that place, whatever ratchet
/// steps went before. When both offer at once, the session initiator's offer
/// stands and the other one is forgotten by both.
class kem_exchange {
public:
  /// What the session does after a message: sends `answer` under its current
  /// key, then mixes.
  struct step {
    std::optional<control_message> answer;
    /// The direction from the peer switches right after the message taken.
    bool mix_incoming = false;
    /// The direction to the peer switches right after `answer`.
    bool mix_outgoing = false;
    /// Whether this step was the last one.
    bool complete = false;
    secret fresh;
    std::vector<uint8_t> transcript_hash;
  };

  kem_exchange(role side, uint16_t group);

  /// Whether an exchange is under way.
  [[nodiscard]] bool busy() const {
    return phase_ != phase::idle;
  }

  /// Starts an exchange. @pre not busy. Errors: negotiation_failed.
  result<control_message> offer(Botan::RandomNumberGenerator& rng);

  /// Takes an offer, a reply or a done. Errors: protocol_violation,
  /// malformed_input.
  result<step> take(const control_message& message,
                    Botan::RandomNumberGenerator& rng);

private:
  enum class phase { idle, offered, answered };

  result<step> take_offer(const std::vector<uint8_t>& share,
                          Botan::RandomNumberGenerator& rng);
  result<step> take_reply(const std::vector<uint8_t>& ciphertext,
                          Botan::RandomNumberGenerator& rng);
  result<step> take_done();
  void reset();

  role side_;
  uint16_t group_;
  phase phase_ = phase::idle;
  /// While offered.
  std::optional<hybrid_key> key_;
  std::vector<uint8_t> share_;
  /// While answered: the direction from the peer has not switched yet.
  secret fresh_;
  std::vector<uint8_t> transcript_hash_;
};

} // namespace starling::session
