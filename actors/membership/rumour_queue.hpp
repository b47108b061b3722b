#pragma once

#include "actors/membership/swim_message.hpp"
#include "messages/peer_id.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <tuple>
#include <vector>

namespace starling::membership {

/// News that is waiting to ride on the next messages.
///
/// Every rumour is told a bounded number of times, those told least come
/// first, and a newer one about the same node takes the place of the older: so
/// news spread like an infection at no message of their own, and die out.
///
/// Source: Das, Gupta, Motivala, "SWIM: scalable weakly-consistent
/// infection-style process group membership protocol", DSN 2002, section 4.1.
class rumour_queue {
public:
  /// Starts telling that rumour; replaces one about the same node.
  void add(const rumour& x);

  /// Stops talking about that node.
  void erase(const peer_id& id);

  /// Returns up to `count_max` rumours and counts them as told once more;
  /// forgets those told `tell_max` times.
  std::vector<rumour> take(size_t count_max, size_t tell_max);

  /// One for each node at most.
  [[nodiscard]] size_t size() const noexcept {
    return content_.size();
  }

private:
  struct entry {
    rumour content;
    size_t told = 0;
    /// Among those told equally often the latest come first.
    uint64_t number = 0;
  };

  /// Times told, 2^64 - 1 less the number, whom it is about.
  using place = std::tuple<size_t, uint64_t, peer_id>;

  static place place_of(const entry& x);

  std::map<peer_id, entry> content_;
  std::set<place> order_;
  uint64_t number_ = 0;
};

} // namespace starling::membership
