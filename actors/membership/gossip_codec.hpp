#pragma once

#include "actors/membership/gossip.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace starling::membership {

/// Gossip as bytes (messages/wire/membership.capnp). What `gossip` makes with
/// its default options is always taken.

/// Bounds on what strangers send.
struct gossip_limits {
  /// Of one message.
  size_t bytes_max = 1'048'576;
  /// Entries of a digest, and ids wanted.
  size_t entries_max = 4'096;
  /// Records in one message.
  size_t records_max = 1'024;
  /// Revoked ids, and revocations, in one message.
  size_t revoked_max = 4'096;
  size_t revocations_max = 32;
};

[[nodiscard]] std::vector<uint8_t> encode(const digest& x);

[[nodiscard]] std::vector<uint8_t> encode(const record_exchange& x);

/// Errors: malformed_input (also if entries are out of order or out of range),
/// limit_reached.
[[nodiscard]] result<digest> decode_digest(std::span<const uint8_t> bytes,
                                           const gossip_limits& limits = {});

/// Signatures are not checked here, see `membership_table::merge`.
/// Errors: malformed_input, limit_reached.
[[nodiscard]] result<record_exchange>
decode_exchange(std::span<const uint8_t> bytes,
                const gossip_limits& limits = {});

} // namespace starling::membership
