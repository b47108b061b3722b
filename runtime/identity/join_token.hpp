#pragma once

#include "messages/peer_id.hpp"
#include "runtime/result.hpp"

#include <botan/secmem.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace starling::identity {

/// A one-time invitation into a cluster, which an operator can paste.
///
/// It names the cluster (so that the newcomer knows whom to trust), the sponsor
/// node at which it can be redeemed (so that nobody else can), and a secret
/// that only the operator and the newcomer know. Who holds the text can join
/// once, until it expires: treat it as a password.
struct join_token {
  static constexpr size_t secret_size = 32;

  /// Id of the cluster's identity key.
  peer_id cluster;
  /// The one node that can redeem it.
  peer_id sponsor;
  /// `secret_size` random bytes.
  Botan::secure_vector<uint8_t> secret;
  /// Refused at that time and later. Whole seconds since 1970.
  std::chrono::sys_seconds expires;

  friend bool operator==(const join_token&, const join_token&) = default;
};

/// Returns "sjt1." and 144 characters of base64url (RFC 4648 section 5) of
/// cluster, sponsor, secret, expiry (8 bytes, big-endian) and the first four
/// bytes of their SHA-256, which catch typing errors.
/// @pre the secret has `secret_size` bytes.
[[nodiscard]] std::string to_string(const join_token& x);

/// Reads a token; white space around it is ignored, as it comes with pasting.
/// Errors: malformed_input (not a token, or damaged); the text never repeats
/// the token.
[[nodiscard]] result<join_token> parse_join_token(std::string_view text);

} // namespace starling::identity
