#pragma once

#include "messages/peer_id.hpp"
#include "runtime/result.hpp"
#include "runtime/session/role.hpp"
#include "runtime/session/session_context.hpp"
#include "runtime/session/session_events.hpp"
#include "runtime/session/session_messages.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace starling::session {

/// What the channel under the identity step is known by.
struct channel_binding {
  /// 64 bytes of keying material that no other channel exports.
  std::vector<uint8_t> exporter;
  /// SHA-384 of the raw keys of both ends.
  std::vector<uint8_t> own_key_hash;
  std::vector<uint8_t> peer_key_hash;
  /// Name of the pre-shared key in use; empty for none.
  std::vector<uint8_t> psk_id;
  /// TLS code of the group agreed on.
  uint16_t group = 0;
};

/// Finds out who is at the other end of a secret channel, and whether both want
/// each other.
///
/// Four messages, each side's `hello` first, so that both ids and versions are
/// known to what is signed:
///
///   initiator                                responder
///   hello                            ->
///                                    <-      hello, auth
///   auth, accept                     ->
///                                    <-      accept
///
/// A signature covers the signer's role (as its context label) and, at fixed
/// places, the channel binding, both ids, both raw keys, the name of the
/// pre-shared key, both hellos and the signer's credential. So it is worthless
/// on another channel, to another peer, in the other role or beside another
/// offer.
///
/// The responder proves itself first. Else an impostor could collect the
/// initiator's credential, which may be a join token. The price: whoever can
/// connect learns which node answers.
///
/// Sans-IO, over an ordered channel that keeps secrets; each message follows
/// its length. Source of the pattern: Krawczyk, "SIGMA: the 'SIGn-and-MAc'
/// approach", CRYPTO 2003; the MAC is the channel's.
class identity_step {
public:
  static constexpr uint16_t version_min = 1;
  static constexpr uint16_t version_max = 1;

  /// @pre the context is valid.
  identity_step(role side, std::shared_ptr<const session_context> context,
                std::optional<peer_id> expected, channel_binding binding);

  /// Takes bytes from the channel, in any cut. When it fails, `output()` ends
  /// with the reason for the peer. Errors: authentication_failed,
  /// negotiation_failed, malformed_input, protocol_violation, and whatever a
  /// policy refuses with, ours or the peer's.
  result<void> receive(std::span<const uint8_t> bytes);

  /// Bytes for the channel, to be taken out.
  [[nodiscard]] std::vector<uint8_t>& output() {
    return output_;
  }

  /// Whether both sides have accepted.
  [[nodiscard]] bool done() const {
    return stage_ == stage::done;
  }

  /// Complete once done.
  [[nodiscard]] const peer_info& peer() const {
    return peer_;
  }

  /// SHA-384 of all that both sides agree on; equal on both. @pre done().
  [[nodiscard]] std::vector<uint8_t> agreement() const;

private:
  enum class stage { hello, auth, accept, done, failed };

  result<void> take(const session_message& message);
  result<void> on(const hello_message& message);
  result<void> on(const auth_message& message);
  result<void> on(const accept_message& message);
  result<void> on(const reject_message& message);
  result<void> check(const hello_message& message);
  result<std::vector<uint8_t>> admit();
  void send(const session_message& message);
  void send_auth();
  result<void> refuse(failure reason, bool tell = true);
  [[nodiscard]] std::vector<uint8_t>
  transcript_of(role signer, std::span<const uint8_t> credential) const;

  role side_;
  std::shared_ptr<const session_context> context_;
  channel_binding binding_;
  stage stage_ = stage::hello;
  hello_message own_hello_;
  hello_message peer_hello_;
  peer_info peer_;
  /// The peer's key, ready to be kept once it was admitted.
  std::optional<identity::public_key> proven_;
  std::vector<uint8_t> input_;
  std::vector<uint8_t> output_;
};

} // namespace starling::session
