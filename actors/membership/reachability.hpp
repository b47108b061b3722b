#pragma once

#include "actors/membership/membership_table.hpp"
#include "actors/membership/swim_message.hpp"
#include "messages/peer_id.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace starling::membership {

/// Which members are alive, as far as this node can tell.
///
/// Neighbours are probed (swim). All others are judged by what their own
/// neighbours sign: a link counts if both its ends name it, and a member to
/// which a chain of such links leads is alive. When a node fails, those who had
/// sessions with it take it off their records; the last one to do so makes it
/// suspect, and after a while dead. So one liar can't kill anyone: it can only
/// stop naming its own links. Why not probe everyone through others: that costs
/// packets through the mesh all the time, to learn what neighbours know at
/// once.
class reachability {
public:
  using clock = std::chrono::steady_clock;

  struct options {
    /// How long a member is suspect before it is dead; also the grace of a
    /// member whose neighbours are not known yet.
    std::chrono::nanoseconds dead_after = std::chrono::seconds{5};
  };

  /// A neighbour with a session; what its probes say, if it is probed yet.
  using neighbour_map = std::map<peer_id, std::optional<liveness>>;

  reachability(const peer_id& self, const options& opts);

  /// Judges anew. Returns the members whose state has changed; those that are
  /// new are among them.
  std::vector<peer_id> update(const membership_table& table,
                              const neighbour_map& neighbours,
                              clock::time_point now);

  /// Returns `alive` for nodes that were never judged.
  [[nodiscard]] liveness state_of(const peer_id& id) const;

private:
  struct verdict {
    liveness state = liveness::alive;
    /// Since when it is suspect, or known.
    clock::time_point since;
    bool was_reached = false;
  };

  [[nodiscard]] std::set<peer_id>
  reached(const membership_table& table, const neighbour_map& neighbours) const;

  [[nodiscard]] liveness judge(verdict& x, bool is_reached,
                               std::optional<liveness> probed,
                               clock::time_point now) const;

  peer_id self_;
  options opts_;
  std::map<peer_id, verdict> verdicts_;
};

} // namespace starling::membership
