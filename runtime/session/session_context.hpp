#pragma once

#include "runtime/identity/identity_key.hpp"
#include "runtime/identity/key_shelf.hpp"
#include "runtime/session/admission.hpp"
#include "runtime/session/session_options.hpp"

#include <botan/pk_keys.h>
#include <botan/rng.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace starling::session {

/// What all sessions of a node share. Not changed once a session uses it; a
/// node with a new credential makes a new context for its next sessions.
struct session_context {
  /// The node's identity. Not null; outlives the sessions.
  const identity::private_key* key = nullptr;
  /// Handed to the peer's admission policy; at most `credential_max` bytes. An
  /// initiator's is sent to an authenticated and admitted responder only, so it
  /// may be a secret such as a join token. A responder's is seen by anyone who
  /// connects.
  std::vector<uint8_t> credential;
  /// Asked about each peer. Not null; outlives the sessions.
  admission* policy = nullptr;
  session_options options;
  /// All randomness, TLS included: with a seeded generator the same inputs give
  /// the same bytes. Not null. Sessions of several threads may share it only if
  /// the generator itself is safe for that, as Botan's AutoSeeded_RNG is.
  std::shared_ptr<Botan::RandomNumberGenerator> rng;
  /// ECDSA P-384 key of the TLS layer, which the identity vouches for in each
  /// session. Null means a new one a session.
  std::shared_ptr<Botan::Private_Key> tls_key;
  /// Where keys of peers are looked for, and kept once they were admitted; null
  /// for nowhere.
  std::shared_ptr<identity::key_shelf> keys;
  /// Feature bits offered; those that both sides offer are in `peer_info`.
  uint64_t features = 0;
};

/// Makes a key for `session_context::tls_key`. It is never stored.
[[nodiscard]] std::shared_ptr<Botan::Private_Key>
make_tls_key(Botan::RandomNumberGenerator& rng);

/// Says what is missing or out of its range. Errors: invalid_option.
result<void> validate(const session_context& context);

} // namespace starling::session
