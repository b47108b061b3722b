#pragma once

#include "actors/membership/member_record.hpp"
#include "actors/membership/membership_table.hpp"
#include "messages/peer_id.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace starling::membership {

/// One record that a node has, without the record.
struct digest_entry {
  peer_id id;
  record_version version;

  friend bool operator==(const digest_entry&, const digest_entry&) = default;
};

/// All that a node knows of the ids from `first` to `last`, both included.
struct digest {
  peer_id first;
  peer_id last;
  /// By id, each id once, all within the range.
  std::vector<digest_entry> entries;
  /// SHA-256 over the revoked ids that it knows, in order; empty if there are
  /// none.
  std::vector<uint8_t> revocations{};

  friend bool operator==(const digest&, const digest&) = default;
};

/// Records for the receiver, and ids whose records the sender wants in return.
struct record_exchange {
  std::vector<signed_record> records;
  std::vector<peer_id> wanted;
  /// All nodes that the sender knows to be revoked, if it was told that the
  /// receiver knows others.
  std::optional<std::vector<peer_id>> revoked{};
  std::vector<peer_id> wanted_revocations{};
  /// Revocations, encoded.
  std::vector<std::vector<uint8_t>> revocations{};
};

/// Keeps two membership tables alike without sending what both know.
///
/// A node sends a digest to another one, which answers with the records that
/// the digest lacks and asks for those that it lacks itself (push-pull
/// anti-entropy). Large tables are compared a range of ids at a time, round
/// after round, so that no message exceeds its bound. Why not send each change
/// on as it comes: whoever misses it would never hear of it again.
///
/// Source: Demers et al., "Epidemic algorithms for replicated database
/// maintenance", PODC 1987, section 1.3 (anti-entropy); van Renesse et al.,
/// "Efficient reconciliation and flow control for anti-entropy protocols",
/// LADIS 2008 (digests, bounded messages).
class gossip {
public:
  struct options {
    /// Entries in one digest, records and ids wanted in one message.
    size_t entries_max = 1'024;
    /// Encoded records in one message, bytes; a first one always fits.
    size_t bytes_max = 262'144;
  };

  explicit gossip(const options& opts);

  gossip();

  /// Returns the digest of the next range of ids.
  [[nodiscard]] digest next_digest(const membership_table& table);

  /// Answers a digest. What does not fit is left for later rounds.
  /// @pre the digest is sound, as `decode_digest` gives it.
  [[nodiscard]] record_exchange answer(const digest& theirs,
                                       const membership_table& table) const;

  /// Returns the records of those ids, as far as they are known and fit.
  [[nodiscard]] record_exchange fulfil(std::span<const peer_id> wanted,
                                       const membership_table& table) const;

private:
  options opts_;
  /// Where the next digest begins.
  peer_id cursor_{};
};

} // namespace starling::membership
