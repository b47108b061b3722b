#pragma once

#include "messages/peer_id.hpp"
#include "runtime/identity/identity_key.hpp"
#include "runtime/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace starling::identity {

/// Longest display name of a node, in bytes.
inline constexpr size_t name_bytes_max = 64;

/// Longest encoded membership that is read: two signatures, a key, two bodies.
inline constexpr size_t membership_bytes_max = 16 * 1024;

/// What a certificate says: `subject` is a member of `cluster`, says `issuer`.
struct certificate_body {
  /// Id of the cluster's identity key.
  peer_id cluster;
  /// Id of the node that is admitted.
  peer_id subject;
  /// Who says so: the cluster key itself, or a sponsor node.
  peer_id issuer;
  /// Chosen by the issuer, to tell its certificates apart.
  uint64_t serial = 0;
  /// Valid from then on. Whole seconds, 1970 to 2242; fractions are cut off.
  /// An issuer sets it back by the clock difference that it tolerates.
  std::chrono::system_clock::time_point not_before;
  /// Not valid any more at that time. Whole seconds as above.
  std::chrono::system_clock::time_point not_after;
  /// May the subject admit nodes in turn? Only the cluster key can grant that.
  bool may_sponsor = false;
  /// Display name of the node: printable UTF-8, up to `name_bytes_max`.
  std::string name;

  friend bool operator==(const certificate_body&, const certificate_body&)
    = default;
};

/// A certificate with all that is needed to check it against the cluster key.
///
/// The chain is one or two links long by construction: a member is admitted by
/// the cluster key, or by a sponsor that the cluster key admitted. A sponsor
/// can't make sponsors, so a stolen node key never grows a hidden tree.
struct membership {
  /// The issuer, where that is not the cluster key itself.
  struct sponsor_proof {
    /// The sponsor's key; its id is the issuer of the member's certificate.
    public_key key;
    /// The sponsor's own certificate, issued by the cluster key.
    certificate_body body;
    std::vector<uint8_t> signature;
  };

  certificate_body body;
  std::vector<uint8_t> signature;
  std::optional<sponsor_proof> sponsor;
};

/// Admits `body.subject` in the name of the cluster; fills in `cluster` and
/// `issuer`. Errors: invalid_option (name, validity).
[[nodiscard]] result<membership> issue(const private_key& cluster,
                                       certificate_body body,
                                       Botan::RandomNumberGenerator& rng);

/// Admits `body.subject` in the name of a sponsor, whose own certificate is
/// `own`; fills in `cluster` and `issuer`. Whether `own` is valid now is for
/// those to judge who check the new certificate. Errors: permission_denied (the
/// sponsor may not do that, or `body` makes another sponsor), invalid_option.
[[nodiscard]] result<membership>
issue(const private_key& sponsor, const membership& own, certificate_body body,
      Botan::RandomNumberGenerator& rng);

/// Says whether a node's identity was revoked.
using revocation_check = std::function<bool(const peer_id&)>;

/// Is `subject` a member of that cluster at `now`? Returns what the certificate
/// says. That the other side owns the key of `subject` is for the session to
/// prove. Cheap checks come first; one or two signatures are verified last.
///
/// Errors: authentication_failed (wrong cluster, wrong subject, not yet valid,
/// expired, bad signature), permission_denied (the issuer may not sponsor),
/// revoked (subject or issuer). The text says which.
[[nodiscard]] result<certificate_body>
check(const membership& claim, const public_key& cluster,
      const peer_id& subject, std::chrono::system_clock::time_point now,
      const revocation_check& is_revoked);

/// Returns the bytes for the wire and the disk, see messages/wire/
/// identity.capnp. At most `membership_bytes_max`.
[[nodiscard]] std::vector<uint8_t> encode(const membership& x);

/// Reads them; checks form, not truth: call `check` next. Errors:
/// malformed_input.
[[nodiscard]] result<membership>
decode_membership(std::span<const uint8_t> bytes);

} // namespace starling::identity
