#pragma once

#include "actors/membership/gossip.hpp"
#include "messages/peer_id.hpp"
#include "runtime/identity/revocation.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace starling::membership {

/// Keeps the revocations of all nodes alike, along with the gossip of members.
///
/// A digest carries a fingerprint of what its sender knows. Where the receiver
/// knows something else, its answer lists the revoked nodes, and then each side
/// sends the records that the other one lacks, a few at a time; what is left
/// shows in the next fingerprint. Why not put the records into each answer: one
/// has 5 kB of signature, and nearly always both sides know them all.
///
/// Records count only when the cluster has signed them, so no bad list can put
/// anyone out; it can cost a message to a neighbour.

/// A snapshot of all revocations, in the order in which they came.
using revocation_log = std::shared_ptr<const std::vector<identity::revocation>>;

/// Bytes of a fingerprint.
inline constexpr size_t fingerprint_bytes = 32;

/// Revocations in one message.
inline constexpr size_t revocations_per_message = 16;

/// Returns the SHA-256 over the subjects by id; nothing if there are none.
[[nodiscard]] std::vector<uint8_t> fingerprint_of(const revocation_log& log);

/// Adds all subjects to an answer if `theirs` is not our fingerprint.
void compare_revocations(const std::vector<uint8_t>& theirs,
                         const revocation_log& log, record_exchange& answer);

/// Returns what to send in return for a message: records that its sender lacks
/// or asks for, and ids of those that we lack.
[[nodiscard]] record_exchange
revocations_in_return(const record_exchange& theirs, const revocation_log& log);

/// Returns the records from `first` on, as many as one message takes.
[[nodiscard]] record_exchange revocations_from(size_t first,
                                               const revocation_log& log);

} // namespace starling::membership
