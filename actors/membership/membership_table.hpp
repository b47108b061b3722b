#pragma once

#include "actors/membership/member_record.hpp"
#include "messages/peer_id.hpp"
#include "runtime/clock/hybrid_clock.hpp"
#include "runtime/result.hpp"
#include "runtime/wire/signing.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <vector>

namespace starling::membership {

/// What a record did to the table.
enum class merge_outcome {
  /// A node not heard of before.
  added,
  /// A newer record of a known node.
  updated,
  /// A newer record that says the node has left.
  left,
  /// Known already, or older than what is known, or too old to count.
  ignored,
};

/// Who belongs to the cluster, from what the nodes say about themselves.
///
/// Of two records of a node the one with the greater (incarnation, timestamp)
/// counts, in whatever order they arrive, so that all tables come to agree. A
/// record counts for `lifetime` after its timestamp; its node renews it in good
/// time. A node that leaves signs a record that says so (a tombstone), which is
/// kept for as long: when it goes, every older record of the node is too old to
/// come back. Why not forget a node at once: gossip would bring it back from
/// whoever has not heard yet.
class membership_table {
public:
  struct options {
    /// Nodes, those that have left included.
    size_t members_max = 10'000;
    /// How long a record counts after its timestamp.
    std::chrono::microseconds lifetime = std::chrono::hours{1};
    /// How far a timestamp may be ahead of this node's clock.
    std::chrono::microseconds ahead_max = std::chrono::minutes{1};
  };

  explicit membership_table(const options& opts);

  membership_table();

  /// Takes a record. Signatures of records that would be ignored are not
  /// checked. Errors: limit_reached, authentication_failed, and
  /// protocol_violation for a record from the future and for a node that has
  /// signed two different records under one version.
  result<merge_outcome> merge(signed_record x, clock::physical_time now,
                              const wire::verify_fn& verify);

  /// Drops what no longer counts; returns the nodes that were dropped, those
  /// that had left included.
  std::vector<peer_id> expire(clock::physical_time now);

  /// Drops a node, e.g. one that was revoked. Returns true if it was known.
  bool erase(const peer_id& id);

  /// Returns the record, which may say that the node has left; null if there
  /// is none. Valid until the next change.
  [[nodiscard]] const signed_record* find(const peer_id& id) const;

  /// All records, by id, those of nodes that have left included.
  [[nodiscard]] const std::map<peer_id, signed_record>& records() const {
    return records_;
  }

  /// Returns the nodes that have not left, by id.
  [[nodiscard]] std::vector<peer_id> members() const;

private:
  [[nodiscard]] bool has_expired(const record_version& x,
                                 clock::physical_time now) const;

  options opts_;
  std::map<peer_id, signed_record> records_;
};

} // namespace starling::membership
