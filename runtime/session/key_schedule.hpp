#pragma once

#include <botan/secmem.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

namespace starling::session {

/// From a secret to record keys, and from one secret to the next.
///
/// Each direction of a session has a secret of its own. It never encrypts: the
/// record key is expanded from it, so that a record key that leaks tells
/// nothing about the next. Two ways lead on. The ratchet expands the next
/// secret from this one: cheap, and what was sent before stays secret when this
/// one leaks. The mix brings in the secret of a fresh key exchange: what is
/// sent later becomes secret again after a leak.
///
/// Built as TLS 1.3 builds its traffic keys, on HKDF with SHA-384, with labels
/// that TLS doesn't use. Source: RFC 8446, sections 7.1 to 7.3; RFC 5869.

using secret = Botan::secure_vector<uint8_t>;

inline constexpr size_t secret_size = 48;
inline constexpr size_t record_key_size = 32;
inline constexpr size_t record_iv_size = 12;

struct record_key {
  secret key;
  secret iv;
};

/// HKDF-Expand-Label of RFC 8446 with the prefix "starling1 " for "tls13 ".
/// @pre `label` and `context` have at most 200 bytes, `size` at most 255 * 48.
[[nodiscard]] secret expand_label(const secret& from, std::string_view label,
                                  std::span<const uint8_t> context,
                                  size_t size);

[[nodiscard]] record_key record_key_of(const secret& from);

/// Returns the next secret of the ratchet.
[[nodiscard]] secret ratcheted(const secret& from);

/// Returns the next secret with a fresh exchange mixed in. `transcript_hash`
/// covers the messages of that exchange, so that both sides agree on them and
/// not on its result alone.
[[nodiscard]] secret mixed(const secret& from, const secret& fresh,
                           std::span<const uint8_t> transcript_hash);

/// Returns the SHA-384 of the parts, one after the other.
[[nodiscard]] std::vector<uint8_t>
sha384(std::initializer_list<std::span<const uint8_t>> parts);

} // namespace starling::session
