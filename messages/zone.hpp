#pragma once

#include "messages/detector.hpp"
#include "messages/error.hpp"
#include "messages/peer_id.hpp"
#include "messages/tree.hpp"
#include "messages/trust_zone.hpp"
#include "messages/type_id_blocks.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/default_enum_inspect.hpp>
#include <caf/result.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

namespace starling {

inline std::string to_string(trust_zone zone) {
  return std::string{name_of(zone)};
}

inline bool from_integer(std::underlying_type_t<trust_zone> value,
                         trust_zone& zone) {
  if (value > static_cast<uint8_t>(trust_zone_last))
    return false;
  zone = static_cast<trust_zone>(value);
  return true;
}

inline bool from_string(caf::string_view text, trust_zone& zone) {
  for (uint8_t value = 0; from_integer(value, zone); ++value)
    if (name_of(zone) == std::string_view{text.data(), text.size()})
      return true;
  return false;
}

template <class Inspector>
bool inspect(Inspector& f, trust_zone& x) {
  return caf::default_enum_inspect(f, x);
}

struct query_zone;
struct release_agent;
struct watch_agents;
struct zone_changed;
struct zone_horizon;
struct zone_status;

/// Role: is told which agents are trusted how far.
using zone_listener_actor = caf::typed_actor<
  // An agent's zone changed. May be said again after a failure.
  caf::result<void>(zone_changed),
  // All changes up to some row have been said.
  caf::result<void>(zone_horizon)>;

/// Role: decides which zone the agents that are scored on its node belong in.
using zone_keeper_actor = caf::typed_actor<
  // Names the agents to judge, all of them; known ones keep their zone. Errors:
  // invalid_option, limit_reached.
  caf::result<void>(watch_agents),
  // The levels of an agent. Errors: unknown_name, malformed_input.
  caf::result<void>(score_batch),
  // What all agents together did, as context for decisions.
  caf::result<void>(population_summary),
  // An operator's verdict: lets an agent out of quarantine or isolation.
  // Errors: unknown_name, wrong_state (it is in neither).
  caf::result<void>(release_agent),
  // Returns the zone of an agent. Errors: unknown_name.
  caf::result<zone_status>(query_zone),
  // Sends all changes so far and all later ones until the listener ends.
  // Errors: limit_reached.
  caf::result<void>(caf::subscribe_atom, zone_listener_actor)>;

} // namespace starling

CAF_BEGIN_TYPE_ID_BLOCK(starling_zone, starling::type_id_block::zone)

  CAF_ADD_TYPE_ID(starling_zone, (starling::query_zone))
  CAF_ADD_TYPE_ID(starling_zone, (starling::release_agent))
  CAF_ADD_TYPE_ID(starling_zone, (starling::trust_zone))
  CAF_ADD_TYPE_ID(starling_zone, (starling::watch_agents))
  CAF_ADD_TYPE_ID(starling_zone, (starling::zone_changed))
  CAF_ADD_TYPE_ID(starling_zone, (starling::zone_horizon))
  CAF_ADD_TYPE_ID(starling_zone, (starling::zone_keeper_actor))
  CAF_ADD_TYPE_ID(starling_zone, (starling::zone_listener_actor))
  CAF_ADD_TYPE_ID(starling_zone, (starling::zone_status))

CAF_END_TYPE_ID_BLOCK(starling_zone)

namespace starling {

struct watched_agent {
  std::string name;
  /// Names of its features, for people; may be empty.
  std::vector<std::string> features;
  /// The node that answers for what it does, one or none: loses reputation when
  /// the agent is cut off. Whoever replays recorded data blames nobody.
  std::vector<peer_id> host{};
  /// Its kind, whose population is the context of what it does.
  std::string kind{};
};

struct watch_agents {
  std::vector<watched_agent> agents;
  /// Where population summaries come from; may be empty.
  summary_tree_actor tree;
  /// The keeper ends with this actor; may be empty.
  caf::strong_actor_ptr owner;
};

struct zone_changed {
  std::string subject;
  /// The row that decided, counted as in `score_batch`. The change holds from
  /// this row on.
  uint64_t row = 0;
  trust_zone from = trust_zone::trusted;
  trust_zone to = trust_zone::trusted;
  /// The level that decided, in [0, 1].
  double level = 0.0;
  /// A sentence for people, with the features that stood out. Follows from the
  /// agent's rows alone.
  std::string reason;
  /// Whether others are affected too, as far as the tree has told. Depends on
  /// how far the others are.
  std::string context;
};

/// No row lies beyond: all agents have ended.
inline constexpr uint64_t horizon_end = std::numeric_limits<uint64_t>::max();

struct zone_horizon {
  /// All agents of this keeper have been judged up to this row, exclusively.
  uint64_t rows = 0;
};

struct query_zone {
  std::string subject;
};

struct zone_status {
  trust_zone zone = trust_zone::trusted;
  /// The row since which it is there.
  uint64_t since = 0;
  /// Rows judged.
  uint64_t rows = 0;
  uint32_t strikes = 0;
};

struct release_agent {
  std::string subject;
};

template <class Inspector>
bool inspect(Inspector& f, watched_agent& x) {
  return f.object(x).fields(f.field("name", x.name),
                            f.field("features", x.features),
                            f.field("host", x.host), f.field("kind", x.kind));
}

template <class Inspector>
bool inspect(Inspector& f, watch_agents& x) {
  return f.object(x).fields(f.field("agents", x.agents),
                            f.field("tree", x.tree), f.field("owner", x.owner));
}

template <class Inspector>
bool inspect(Inspector& f, zone_changed& x) {
  return f.object(x).fields(
    f.field("subject", x.subject), f.field("row", x.row),
    f.field("from", x.from), f.field("to", x.to), f.field("level", x.level),
    f.field("reason", x.reason), f.field("context", x.context));
}

template <class Inspector>
bool inspect(Inspector& f, zone_horizon& x) {
  return f.object(x).fields(f.field("rows", x.rows));
}

template <class Inspector>
bool inspect(Inspector& f, query_zone& x) {
  return f.object(x).fields(f.field("subject", x.subject));
}

template <class Inspector>
bool inspect(Inspector& f, zone_status& x) {
  return f.object(x).fields(f.field("zone", x.zone), f.field("since", x.since),
                            f.field("rows", x.rows),
                            f.field("strikes", x.strikes));
}

template <class Inspector>
bool inspect(Inspector& f, release_agent& x) {
  return f.object(x).fields(f.field("subject", x.subject));
}

} // namespace starling
