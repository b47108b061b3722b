#pragma once

#include "runtime/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace starling::peer {

/// What a node shows to be let in, as bytes in a session's credential.

/// Says nothing; only an allow-list lets such a node in.
struct no_credential {
  friend bool operator==(const no_credential&, const no_credential&) = default;
};

/// A certificate and the cluster key that it leads to, both encoded
/// (runtime/identity).
struct member_credential {
  std::vector<uint8_t> cluster_key;
  std::vector<uint8_t> membership;

  friend bool operator==(const member_credential&, const member_credential&)
    = default;
};

/// The text of a join token.
struct token_credential {
  std::string token;

  friend bool operator==(const token_credential&, const token_credential&)
    = default;
};

using credential
  = std::variant<no_credential, member_credential, token_credential>;

/// Layout: kind (1 byte: 0, 1, 2), then for 1 the length of the cluster key
/// (4 bytes, little-endian), the key and the certificate; for 2 the token.
[[nodiscard]] std::vector<uint8_t> encode(const credential& x);

/// Errors: malformed_input.
[[nodiscard]] result<credential>
decode_credential(std::span<const uint8_t> bytes);

} // namespace starling::peer
