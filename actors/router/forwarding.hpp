#pragma once

#include "actors/router/routing_error.hpp"
#include "messages/packet.hpp"
#include "messages/peer_id.hpp"
#include "runtime/flow/token_bucket.hpp"
#include "runtime/hash/sip_hash.hpp"
#include "runtime/result.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace starling::router {

/// What becomes of a packet.
enum class verdict : uint8_t {
  /// It is for this node.
  deliver,
  /// It goes on to `decision::next_hop`.
  forward,
  /// It was here before; dropped without a word.
  duplicate,
  /// It has used up its hops.
  ttl_exceeded,
  /// No way leads to its destination.
  unreachable,
  /// It came round to a node it has left.
  loop,
  /// Its source, its destination or the neighbour it came from is cut off.
  quarantined,
};

/// Returns the name used in logs and metrics.
[[nodiscard]] std::string_view name_of(verdict x);

struct decision {
  verdict action = verdict::unreachable;
  /// Only for `forward`.
  peer_id next_hop;
  /// What to tell the source; nothing if it must not be told. Goes first to
  /// the neighbour that the packet came from, since a way back by the routes
  /// may not exist.
  std::optional<routing_error> error;
  /// Why it goes no further, for logs; empty if it does.
  std::string detail{};
};

/// Remembers the packets of late, so that none is passed on twice. Memory is
/// bounded: there are two generations, and when the younger is full the older
/// is forgotten.
class recent_packets {
public:
  /// Holds at least half of `packets_max` and at most all of it. Sources choose
  /// the ids, so the key has to be a secret. @pre `packets_max` is at least 2.
  recent_packets(size_t packets_max, const hash::sip_key& key);

  /// Returns false if it was there already.
  bool insert(const peer_id& source, const packet_id& id);

  [[nodiscard]] bool contains(const peer_id& source, const packet_id& id) const;

  [[nodiscard]] size_t size() const noexcept {
    return young_.size() + old_.size();
  }

private:
  /// Source and id, with their hash: each packet is looked for twice in two
  /// sets.
  struct name {
    std::array<uint8_t, peer_id::size + packet_id::size> bytes;
    uint64_t hash = 0;

    friend bool operator==(const name& a, const name& b) noexcept {
      return a.bytes == b.bytes;
    }
  };

  struct name_hash {
    size_t operator()(const name& x) const noexcept {
      return x.hash;
    }
  };

  using generation = std::unordered_set<name, name_hash>;

  [[nodiscard]] name name_of(const peer_id& source, const packet_id& id) const;
  [[nodiscard]] bool contains(const name& wanted) const;

  hash::sip_key key_;
  size_t generation_max_;
  generation young_;
  generation old_;
};

/// Decides what becomes of each packet that arrives at a node or starts there.
///
/// A packet passes as many relays as its time to live says. Errors go back to
/// the source, but never about an error, never to this node itself, and only so
/// many a second: else a forged source could be flooded through us (compare RFC
/// 1812, sections 4.3.2.7 and 4.3.2.8).
class forwarder {
public:
  using clock = std::chrono::steady_clock;

  /// Returns the next hop. Errors: unreachable, quarantined.
  using lookup_fn = std::function<result<peer_id>(const peer_id& destination)>;

  /// Is that node cut off?
  using quarantine_fn = std::function<bool(const peer_id& node)>;

  struct options {
    /// Packets remembered to find duplicates.
    size_t packets_max = 131'072;
    /// Routing errors sent a second, and at once after a pause.
    uint64_t errors_per_second = 100;
    uint64_t errors_burst = 200;
    /// A secret; see `recent_packets`.
    hash::sip_key hash_key{};
  };

  forwarder(const peer_id& self, const options& opts, clock::time_point now);

  /// Decides on a packet that came from a neighbour, or from this node itself
  /// if `from` is its id. Only the head of the packet is looked at.
  [[nodiscard]] decision decide(const packet& head, const peer_id& from,
                                clock::time_point now, const lookup_fn& lookup,
                                const quarantine_fn& is_quarantined);

private:
  [[nodiscard]] decision give_up(verdict why, std::string detail,
                                 const packet& head, clock::time_point now);

  peer_id self_;
  recent_packets recent_;
  flow::token_bucket error_budget_;
};

} // namespace starling::router
