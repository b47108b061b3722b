#pragma once

#include "runtime/result.hpp"

#include <botan/pk_keys.h>
#include <botan/rng.h>
#include <botan/secmem.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace starling::session {

/// The hybrid groups as key encapsulation, for exchanges inside a session: the
/// same shares, ciphertexts and secrets as in a TLS handshake with that group,
/// made by the code that TLS uses. A secret is the classical and the ML-KEM
/// secret one after the other, so it stands as long as one of them does.
///
/// Sizes (share, ciphertext, secret): 0x11ed, P-384 with ML-KEM-1024: 1665,
/// 1665, 80 bytes. 0x11ec, X25519 with ML-KEM-768: 1216, 1120, 64 bytes.
/// Source: draft-ietf-tls-ecdhe-mlkem, section 3; FIPS 203, table 3.

struct encapsulated {
  std::vector<uint8_t> ciphertext;
  Botan::secure_vector<uint8_t> shared;
};

/// Length of the share of a group, bytes; 0 for a group that is no hybrid.
[[nodiscard]] size_t share_size(uint16_t group);

/// Length of the ciphertext of a group, bytes; 0 for a group that is no hybrid.
[[nodiscard]] size_t ciphertext_size(uint16_t group);

/// Returns a name for people, such as "SecP384r1MLKEM1024", or the number of a
/// group that is no hybrid.
[[nodiscard]] std::string group_name(uint16_t group);

/// A key pair for one exchange.
class hybrid_key {
public:
  /// Errors: negotiation_failed (not a hybrid).
  static result<hybrid_key> generate(uint16_t group,
                                     Botan::RandomNumberGenerator& rng);

  /// What the other side encapsulates to; `share_size` bytes.
  [[nodiscard]] std::vector<uint8_t> share() const;

  /// Errors: malformed_input (wrong length, or no point on the curve).
  result<Botan::secure_vector<uint8_t>>
  decapsulate(std::span<const uint8_t> ciphertext,
              Botan::RandomNumberGenerator& rng) const;

private:
  hybrid_key(uint16_t group, std::unique_ptr<Botan::Private_Key> key);

  uint16_t group_;
  std::unique_ptr<Botan::Private_Key> key_;
};

/// Makes a secret for the owner of `share`. Errors: malformed_input (wrong
/// length, no point on the curve, or no ML-KEM key).
result<encapsulated> encapsulate(uint16_t group, std::span<const uint8_t> share,
                                 Botan::RandomNumberGenerator& rng);

} // namespace starling::session
