#pragma once

#include "actors/peer/admission_policy.hpp"
#include "actors/resources/resource_monitor.hpp"
#include "actors/zone/peer_keeper.hpp"
#include "deploy/node/configured_actors.hpp"
#include "deploy/node/node_state.hpp"
#include "deploy/node/shared_facts.hpp"
#include "deploy/node/shared_trust.hpp"
#include "messages/audit.hpp"
#include "messages/discovery.hpp"
#include "messages/link.hpp"
#include "messages/peer.hpp"
#include "messages/supervisor.hpp"
#include "runtime/config/node_options.hpp"
#include "runtime/flow/shared_rate.hpp"
#include "runtime/identity/key_shelf.hpp"
#include "runtime/metrics/registry.hpp"
#include "runtime/node_context.hpp"
#include "runtime/plugin/actor_catalog.hpp"
#include "runtime/resources/resource_state.hpp"
#include "runtime/session/session_context.hpp"

#include <botan/rng.h>
#include <caf/actor_system.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace starling::mesh {
struct peer_request;
} // namespace starling::mesh

namespace starling::deploy {

/// Returns the limits that a node keeps to.
[[nodiscard]] resources::resource_state::options
resource_limits(const config::node_options& opts);

/// What a node is made from.
struct node_parts {
  config::node_options options;
  node_state state;
  /// All randomness of the node's protocols.
  std::shared_ptr<Botan::RandomNumberGenerator> rng;
  /// Bundled and loaded actor types.
  std::shared_ptr<const actor_catalog> catalog;
  /// Makes links, by scheme.
  std::map<std::string, transport_actor> transports;
  audit_actor audit;
  std::function<std::chrono::system_clock::time_point()> wall_clock;
  /// Measures what the process uses; empty where that can't be told, as in a
  /// simulation of many nodes in one process.
  std::function<resources::usage()> sample;
  /// Gives memory back that the process does not use.
  std::function<void()> trim_memory;
  /// Of the machine.
  unsigned processors = 1;
  /// What the node's resources allow; made by the node if it is empty.
  std::shared_ptr<resources::resource_state> resources;
  /// Where the state is kept; nothing is written in a simulation.
  bool persistent = true;
};

/// A node: its actors, put together under a supervisor. What is a daemon, what
/// a simulated node, and what a test makes, is the same from here on.
///
/// The roles of the node are types of a catalog of its own, so that the
/// supervisor that restarts plugins' actors restarts them too. When one comes
/// back, the others find it in `node_context`, and peers are told its new
/// handle.
///
/// The actors use the node, so it has to outlive the actor system: declare it
/// first, call `stop` before the system goes.
class node {
public:
  using started_fun
    = std::function<void(caf::expected<std::vector<std::string>>)>;

  node(caf::actor_system& system, node_parts parts);

  ~node();

  node(const node&) = delete;
  node& operator=(const node&) = delete;

  /// Begins to listen, then starts the actors of the node file; calls `done`
  /// once with the addresses or what went wrong, in a thread of the system.
  void start(started_fun done);

  /// Ends all actors of the node.
  void stop();

  /// Runs `task` where the session policy lives. It may not block.
  void run_on_event_loop(std::function<void(peer::admission_policy&)> task);

  /// Shuts a node out for good: takes a record of the cluster's key, keeps it
  /// and ends sessions with its subject. Errors: those of the list.
  void revoke(identity::revocation record,
              std::function<void(result<void>)> done);

  [[nodiscard]] node_context& context() {
    return context_;
  }

  [[nodiscard]] const peer_id& id() const {
    return context_.self;
  }

  [[nodiscard]] metrics::registry& metrics() {
    return metrics_;
  }

  [[nodiscard]] resources::resource_state& resources() {
    return *parts_.resources;
  }

  [[nodiscard]] const node_parts& parts() const {
    return parts_;
  }

  [[nodiscard]] const supervisor_actor& supervisor() const {
    return supervisor_;
  }

  /// The supervisors of the actors that the node file names.
  [[nodiscard]] const std::vector<supervisor_actor>& groups() const {
    return configured_.groups();
  }

  [[nodiscard]] shared_trust& trust() {
    return trust_;
  }

private:
  void make_context();
  void make_policy();
  void make_session_context();
  void take_membership(const caf::byte_buffer& reply);
  result<void> apply(const identity::revocation& record);
  result<void> claim_storage(const std::filesystem::path& file, uint64_t bytes);
  /// Takes a revocation that came by gossip. Returns whether it is news.
  result<bool> hear_of(const identity::revocation& record);

  // -- roles (node_roles.cpp) -------------------------------------------------

  void fill_roles();
  void spawn_supervisor();
  void spawn_keeper(started_fun done);
  mesh_actor spawn_mesh();
  membership_actor spawn_membership();
  router_actor spawn_router();
  discovery_actor spawn_discovery();
  spawner_actor spawn_spawner();
  resources::resource_monitor_actor spawn_monitor();
  zone::peer_keeper_actor spawn_peer_keeper();
  peer_actor spawn_peer(const mesh::peer_request& request);
  std::vector<named_service> services() const;

  caf::actor_system& system_;
  node_parts parts_;
  node_paths paths_;
  metrics::registry metrics_;
  node_context context_;
  shared_facts facts_;
  /// Of the event loop's thread: what all links may send together.
  flow::shared_rate bandwidth_;
  shared_trust trust_;
  /// Of all nodes that were admitted, for sessions and gossip alike.
  std::shared_ptr<identity::key_shelf> keys_
    = std::make_shared<identity::key_shelf>();
  std::unique_ptr<peer::admission_policy> policy_;
  /// Of the event loop's thread; replaced when the node becomes a member.
  std::shared_ptr<const session::session_context> session_context_;
  actor_catalog roles_;
  configured_actors configured_;
  supervisor_actor supervisor_;
  caf::actor keeper_;
};

} // namespace starling::deploy
