#pragma once

#include "actors/spawner/spawn_policy.hpp"
#include "messages/mesh.hpp"
#include "messages/spawner.hpp"
#include "messages/supervisor.hpp"
#include "runtime/node_context.hpp"
#include "runtime/plugin/actor_catalog.hpp"
#include "runtime/result.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace starling::spawner {

struct catalog_spawner_options {
  node_context* node = nullptr;
  const actor_catalog* catalog = nullptr;
  std::vector<spawn_permission> permissions;
  /// Supervisors of actors that are found and listed here, too.
  std::vector<supervisor_actor> groups;
  /// The names of those; nobody else gets them.
  std::set<std::string> reserved_names;
  /// Actors alive at a time, whoever asked for them.
  size_t actors_max = 100'000;
  /// CAF nodes that are remembered with who is behind them.
  size_t nodes_max = 10'000;
  /// Says whether the node has room for another actor; empty: always. Errors:
  /// limit_reached.
  std::function<result<void>()> admit;
  /// Who is asked who a CAF node is; the node's mesh.
  caf::timespan lookup_timeout = std::chrono::seconds{5};
};

/// State of the spawner that serves this node and its peers from the catalog.
class catalog_spawner_state {
public:
  static constexpr const char* name = "starling.spawner.catalog";

  catalog_spawner_state(spawner_actor::pointer self,
                        catalog_spawner_options opts);

  spawner_actor::behavior_type make_behavior();

private:
  struct record {
    std::string type;
    std::string name;
    peer_id owner;
    caf::strong_actor_ptr actor;
  };

  caf::result<caf::strong_actor_ptr> spawn(spawn_request& msg);
  caf::expected<caf::strong_actor_ptr> spawn_for(const peer_id& asker,
                                                 const spawn_request& msg);
  caf::result<std::vector<spawned_actor>> list();
  caf::result<caf::strong_actor_ptr> find(const find_spawned& msg);
  void list_group(size_t index,
                  const std::shared_ptr<std::vector<spawned_actor>>& found,
                  caf::typed_response_promise<std::vector<spawned_actor>> to);
  void find_in_group(size_t index, const find_spawned& msg,
                     caf::typed_response_promise<caf::strong_actor_ptr> to);
  caf::result<void> stop(const stop_spawned& msg);
  void forget(const caf::actor_addr& ended);

  /// The node that sent the present message; nothing if it is not known yet.
  const peer_id* asker() const;

  spawner_actor::pointer self_;
  catalog_spawner_options opts_;
  spawn_policy policy_;
  std::map<caf::actor_id, record> spawned_;
  std::map<std::string, caf::actor_id> by_name_;
  /// Who is behind a CAF node, as the mesh said.
  std::map<caf::node_id, peer_id> nodes_;
};

} // namespace starling::spawner
