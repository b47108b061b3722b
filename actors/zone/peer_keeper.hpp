#pragma once

#include "actors/zone/peer_book.hpp"
#include "messages/peer_id.hpp"
#include "messages/zone.hpp"
#include "runtime/node_context.hpp"

#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace starling::zone {

/// Role: makes the zones of peers felt. Subjects are peer ids as text.
using peer_keeper_actor = caf::typed_actor<
  // An operator's verdict: lets a peer out of quarantine or isolation. Errors:
  // malformed_input, wrong_state (it is in neither).
  caf::result<void>(release_agent),
  // Returns the zone of a peer; strangers are trusted. Errors: malformed_input.
  caf::result<zone_status>(query_zone)>;

struct peer_keeper_options {
  node_context* node = nullptr;
  /// The book, which others write to. The functions are called in the actor's
  /// thread and guard what they share.
  std::function<std::vector<peer_book::change>()> take_changes;
  std::function<std::vector<peer_id>(trust_zone)> at_least;
  std::function<std::vector<peer_book::entry>()> all;
  std::function<result<void>(const peer_id&)> release;
  /// Time between two looks at the book.
  caf::timespan interval = std::chrono::seconds{1};
  /// Peers whose reputation is shown as a metric; the first ones by id.
  size_t gauges_max = 256;
};

/// State of the actor that does on this node what the zones of its peers ask
/// for: from QUARANTINED on a peer carries no traffic and gets none through
/// others, and ISOLATED ends its sessions. (The spawner asks for zones itself.)
/// Every step back is undone as the zone gets better, and everything is said
/// again to a router that was restarted.
class peer_keeper_state {
public:
  static constexpr const char* name = "starling.zone.peers";

  peer_keeper_state(peer_keeper_actor::pointer self, peer_keeper_options opts);

  peer_keeper_actor::behavior_type make_behavior();

private:
  void look();
  void tell(const peer_book::change& what);
  void avoid();
  void cut_off();
  void measure();

  peer_keeper_actor::pointer self_;
  peer_keeper_options opts_;
  std::set<peer_id> avoided_;
  std::set<peer_id> blocked_;
  std::set<peer_id> shown_;
  caf::actor_addr router_;
};

} // namespace starling::zone
