#pragma once

#include "messages/peer_id.hpp"
#include "runtime/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace starling::router {

/// One direction of a link, as the node at its beginning measured it.
struct link_state {
  peer_id neighbour;
  /// One way, microseconds.
  uint32_t latency_us = 0;
  /// Share of what is sent that arrives, [0, 1]; a link with 0 is not used.
  float reliability = 1.0F;
  /// In the unit of the operator's choice, [0, 10^6].
  float cost = 0.0F;
  /// Bytes a second; 0 if not known.
  uint64_t bandwidth = 0;

  friend bool operator==(const link_state&, const link_state&) = default;
};

/// All links of one node at one time.
struct advert {
  peer_id node;
  /// Grows with each advert of that node.
  uint64_t sequence = 0;
  std::vector<link_state> links;
};

inline constexpr float link_cost_max = 1e6F;

/// Which node has a link to which, as all of them say.
///
/// Every node tells everyone about its own links and nothing else, and everyone
/// works out the routes from the whole (link state). Why not tell neighbours
/// the distances to all nodes (distance vector): bad news then travels slowly,
/// and one liar can attract all traffic; here a link counts only if the nodes
/// at both its ends name it, so a liar can only invent links among liars.
///
/// Adverts are taken to be authentic: whoever calls has checked signatures.
class topology {
public:
  using clock = std::chrono::steady_clock;

  struct options {
    size_t nodes_max = 10'000;
    /// Of one node.
    size_t links_max = 256;
    /// An advert that is not renewed in that time is forgotten.
    std::chrono::nanoseconds lifetime = std::chrono::minutes{15};
  };

  explicit topology(const options& opts);

  topology();

  /// Takes an advert. Returns true if links have changed; false if it is no
  /// newer than the one known, or says the same (it then still renews it).
  /// Errors: limit_reached, malformed_input (a link to itself, two links to
  /// one neighbour, a value out of range).
  result<bool> apply(advert x, clock::time_point now);

  /// Forgets a node that has left. Returns true if it was known.
  bool remove(const peer_id& node);

  /// Forgets what was not renewed in time; returns how many nodes that were.
  size_t expire(clock::time_point now);

  /// Returns the advert of that node; null if there is none. Valid until the
  /// next change.
  [[nodiscard]] const advert* find(const peer_id& node) const;

  /// Returns the link if both ends name it and it carries anything; else null.
  [[nodiscard]] const link_state* usable_link(const peer_id& from,
                                              const peer_id& to) const;

  /// Returns all nodes with an advert, by id.
  [[nodiscard]] std::vector<peer_id> nodes() const;

  [[nodiscard]] size_t size() const noexcept {
    return entries_.size();
  }

  /// Grows with each change of links or nodes.
  [[nodiscard]] uint64_t revision() const noexcept {
    return revision_;
  }

private:
  struct entry {
    /// Links are sorted by neighbour.
    advert content;
    clock::time_point renewed;
  };

  [[nodiscard]] const link_state* link_of(const peer_id& from,
                                          const peer_id& to) const;

  options opts_;
  std::unordered_map<peer_id, entry> entries_;
  uint64_t revision_ = 0;
};

} // namespace starling::router
