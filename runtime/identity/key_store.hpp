#pragma once

#include "runtime/identity/identity_key.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <filesystem>
#include <string_view>

/// Keeps a node's identity on disk, encrypted under a passphrase.
///
/// The file is text: a line with the node id, then both keys as PKCS#8 PEM,
/// encrypted by PBES2 (RFC 8018 section 6.2) with scrypt (RFC 7914) and
/// AES-256/GCM.
namespace starling::identity::key_store {

/// How much work one guess at the passphrase takes.
struct options {
  /// Base-2 logarithm of scrypt's cost N, with r = 8 and p = 1: 13 to 16.
  /// Memory is 2^(log2_cost + 10) bytes. One derivation took 36 ms at 14 when
  /// measured, twice that at each step; loading derives two keys, a guess at
  /// the passphrase needs one.
  unsigned log2_cost = 14;
};

/// Longest key file that is read.
inline constexpr size_t file_bytes_max = 16 * 1024;

/// Longest passphrase, in bytes.
inline constexpr size_t passphrase_max = 1024;

/// Writes the identity with mode 0600, atomically; replaces what was there.
/// Errors: invalid_option (passphrase empty or too long, cost out of range),
/// file_error.
[[nodiscard]] result<void>
save(const private_key& key, const std::filesystem::path& path,
     std::string_view passphrase, Botan::RandomNumberGenerator& rng,
     const options& opts = {});

/// Reads an identity. Errors: file_error, limit_reached, permission_denied
/// (group or others may read the file), authentication_failed (wrong
/// passphrase, or the file was altered), malformed_input (not a key file).
[[nodiscard]] result<private_key> load(const std::filesystem::path& path,
                                       std::string_view passphrase);

/// Reads the node id without the passphrase. It is a claim of the file, not
/// authenticated. Errors: as `load`, without authentication_failed.
[[nodiscard]] result<peer_id> peek_id(const std::filesystem::path& path);

} // namespace starling::identity::key_store
