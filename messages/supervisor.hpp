#pragma once

#include "messages/error.hpp"
#include "messages/type_id_blocks.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/result.hpp>
#include <caf/settings.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace starling {

struct child_restarted;
struct child_status;
struct find_child;
struct list_children;
struct start_child;
struct stop_child;

/// Role: is told when a child got a new incarnation, so that handles can be
/// renewed.
using child_listener_actor
  = caf::typed_actor<caf::result<void>(child_restarted)>;

/// Role: keeps a group of actors alive by a restart strategy.
using supervisor_actor = caf::typed_actor<
  // Spawns a child from the catalog; it stands behind those that came before.
  // Errors: duplicate_name, limit_reached, and those of the catalog.
  caf::result<caf::strong_actor_ptr>(start_child),
  // Ends a child for good. Errors: unknown_name.
  caf::result<void>(stop_child),
  // Returns the handle of the present incarnation. Errors: unknown_name.
  caf::result<caf::strong_actor_ptr>(find_child),
  // Returns all children in the order they were started.
  caf::result<std::vector<child_status>>(list_children),
  // Sends all later restarts.
  caf::result<void>(caf::subscribe_atom, child_listener_actor)>;

} // namespace starling

CAF_BEGIN_TYPE_ID_BLOCK(starling_supervisor,
                        starling::type_id_block::supervisor)

  CAF_ADD_TYPE_ID(starling_supervisor, (starling::child_listener_actor))
  CAF_ADD_TYPE_ID(starling_supervisor, (starling::child_restarted))
  CAF_ADD_TYPE_ID(starling_supervisor, (starling::child_status))
  CAF_ADD_TYPE_ID(starling_supervisor, (starling::find_child))
  CAF_ADD_TYPE_ID(starling_supervisor, (starling::list_children))
  CAF_ADD_TYPE_ID(starling_supervisor, (starling::start_child))
  CAF_ADD_TYPE_ID(starling_supervisor, (starling::stop_child))
  CAF_ADD_TYPE_ID(starling_supervisor, (starling::supervisor_actor))
  CAF_ADD_TYPE_ID(starling_supervisor, (std::vector<starling::child_status>))

CAF_END_TYPE_ID_BLOCK(starling_supervisor)

namespace starling {

struct start_child {
  std::string name;
  /// Name in the catalog.
  std::string type;
  caf::settings options;
};

struct stop_child {
  std::string name;
};

struct find_child {
  std::string name;
};

struct list_children {};

struct child_status {
  std::string name;
  std::string type;
  caf::strong_actor_ptr actor;
  uint64_t restarts = 0;
  /// Why it last ended; none if it never did.
  caf::error last_reason;
};

struct child_restarted {
  std::string name;
  caf::strong_actor_ptr actor;
  caf::error reason;
};

template <class Inspector>
bool inspect(Inspector& f, start_child& x) {
  return f.object(x).fields(f.field("name", x.name), f.field("type", x.type),
                            f.field("options", x.options));
}

template <class Inspector>
bool inspect(Inspector& f, stop_child& x) {
  return f.object(x).fields(f.field("name", x.name));
}

template <class Inspector>
bool inspect(Inspector& f, find_child& x) {
  return f.object(x).fields(f.field("name", x.name));
}

template <class Inspector>
bool inspect(Inspector& f, list_children& x) {
  return f.object(x).fields();
}

template <class Inspector>
bool inspect(Inspector& f, child_status& x) {
  return f.object(x).fields(
    f.field("name", x.name), f.field("type", x.type), f.field("actor", x.actor),
    f.field("restarts", x.restarts), f.field("last_reason", x.last_reason));
}

template <class Inspector>
bool inspect(Inspector& f, child_restarted& x) {
  return f.object(x).fields(f.field("name", x.name), f.field("actor", x.actor),
                            f.field("reason", x.reason));
}

} // namespace starling
