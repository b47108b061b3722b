#pragma once

#include "messages/error.hpp"
#include "messages/type_id_blocks.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/config_value.hpp>
#include <caf/result.hpp>
#include <caf/settings.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace starling {

struct actor_type_info;
struct find_spawned;
struct list_actor_types;
struct list_spawned;
struct spawn_request;
struct spawned_actor;
struct stop_spawned;

/// Role: spawns actors from the node's catalog for whoever may ask.
using spawner_actor = caf::typed_actor<
  // Spawns an actor. Errors: unknown_name, invalid_option, permission_denied,
  // limit_reached, quarantined, incompatible_plugin (another interface).
  caf::result<caf::strong_actor_ptr>(spawn_request),
  // Returns what the catalog holds, by name.
  caf::result<std::vector<actor_type_info>>(list_actor_types),
  // Returns what was spawned here and lives.
  caf::result<std::vector<spawned_actor>>(list_spawned),
  // Returns the handle of a spawned actor by the name it was given. Errors:
  // unknown_name.
  caf::result<caf::strong_actor_ptr>(find_spawned),
  // Ends a spawned actor by the name it was given. Errors: unknown_name,
  // permission_denied.
  caf::result<void>(stop_spawned)>;

} // namespace starling

CAF_BEGIN_TYPE_ID_BLOCK(starling_spawner, starling::type_id_block::spawner)

  CAF_ADD_TYPE_ID(starling_spawner, (starling::actor_type_info))
  CAF_ADD_TYPE_ID(starling_spawner, (starling::find_spawned))
  CAF_ADD_TYPE_ID(starling_spawner, (starling::list_actor_types))
  CAF_ADD_TYPE_ID(starling_spawner, (starling::list_spawned))
  CAF_ADD_TYPE_ID(starling_spawner, (starling::spawn_request))
  CAF_ADD_TYPE_ID(starling_spawner, (starling::spawned_actor))
  CAF_ADD_TYPE_ID(starling_spawner, (starling::spawner_actor))
  CAF_ADD_TYPE_ID(starling_spawner, (starling::stop_spawned))
  CAF_ADD_TYPE_ID(starling_spawner, (std::vector<starling::actor_type_info>))
  CAF_ADD_TYPE_ID(starling_spawner, (std::vector<starling::spawned_actor>))

CAF_END_TYPE_ID_BLOCK(starling_spawner)

namespace starling {

struct spawn_request {
  /// Name in the catalog, e.g. "echo".
  std::string type;
  /// Name of the new actor on that node; empty: none.
  std::string name;
  /// What the actor's documentation lists; an unknown key is an error.
  caf::settings options;
  /// The interface that the asker wants to use (`system.message_types<T>()`);
  /// empty: any.
  std::set<std::string> interface;
};

struct list_actor_types {};

struct actor_type_info {
  std::string name;
  std::string description;
  /// "bundled", or the path of the plugin that brought it.
  std::string origin;
  std::set<std::string> interface;
};

struct list_spawned {};

struct find_spawned {
  std::string name;
};

struct spawned_actor {
  std::string type;
  std::string name;
  caf::actor_id id = 0;
  /// The node that asked.
  peer_id owner;
};

struct stop_spawned {
  std::string name;
};

template <class Inspector>
bool inspect(Inspector& f, spawn_request& x) {
  return f.object(x).fields(f.field("type", x.type), f.field("name", x.name),
                            f.field("options", x.options),
                            f.field("interface", x.interface));
}

template <class Inspector>
bool inspect(Inspector& f, list_actor_types& x) {
  return f.object(x).fields();
}

template <class Inspector>
bool inspect(Inspector& f, actor_type_info& x) {
  return f.object(x).fields(
    f.field("name", x.name), f.field("description", x.description),
    f.field("origin", x.origin), f.field("interface", x.interface));
}

template <class Inspector>
bool inspect(Inspector& f, find_spawned& x) {
  return f.object(x).fields(f.field("name", x.name));
}

template <class Inspector>
bool inspect(Inspector& f, list_spawned& x) {
  return f.object(x).fields();
}

template <class Inspector>
bool inspect(Inspector& f, spawned_actor& x) {
  return f.object(x).fields(f.field("type", x.type), f.field("name", x.name),
                            f.field("id", x.id), f.field("owner", x.owner));
}

template <class Inspector>
bool inspect(Inspector& f, stop_spawned& x) {
  return f.object(x).fields(f.field("name", x.name));
}

} // namespace starling
