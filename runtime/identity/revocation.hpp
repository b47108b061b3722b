#pragma once

#include "messages/peer_id.hpp"
#include "runtime/identity/identity_key.hpp"
#include "runtime/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace starling::identity {

/// Longest reason of a revocation, in bytes.
inline constexpr size_t reason_bytes_max = 200;

/// Longest encoded revocation that is read, in bytes.
inline constexpr size_t revocation_bytes_max = 8 * 1024;

/// The cluster's word that a node is no member any more. Forever: an identity
/// does not come back, its machine joins again with a new one.
struct revocation {
  /// Id of the cluster's identity key, which signs this.
  peer_id cluster;
  /// The node that is out.
  peer_id subject;
  /// When that was decided. Whole seconds, 1970 to 2242.
  std::chrono::system_clock::time_point time;
  /// For people: printable UTF-8, up to `reason_bytes_max`.
  std::string reason;
  std::vector<uint8_t> signature;

  friend bool operator==(const revocation&, const revocation&) = default;
};

/// Signs a revocation. Errors: invalid_option (reason, time, or the subject is
/// the cluster key itself).
[[nodiscard]] result<revocation>
revoke(const private_key& cluster, const peer_id& subject,
       std::chrono::system_clock::time_point now, std::string_view reason,
       Botan::RandomNumberGenerator& rng);

/// Did that cluster sign this record? Errors: authentication_failed (wrong
/// cluster, bad signature), malformed_input (reason, time).
[[nodiscard]] result<void> check(const revocation& record,
                                 const public_key& cluster);

/// Returns the bytes for the wire, see messages/wire/identity.capnp.
[[nodiscard]] std::vector<uint8_t> encode(const revocation& x);

/// Reads them; checks form, not truth. Errors: malformed_input.
[[nodiscard]] result<revocation>
decode_revocation(std::span<const uint8_t> bytes);

} // namespace starling::identity
