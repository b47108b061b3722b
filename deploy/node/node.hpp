#pragma once

#include "actors/peer/admission_policy.hpp"
#include "deploy/node/node_state.hpp"
#include "messages/audit.hpp"
#include "messages/link.hpp"
#include "runtime/config/node_options.hpp"
#include "runtime/metrics/registry.hpp"
#include "runtime/node_context.hpp"
#include "runtime/plugin/actor_catalog.hpp"
#include "runtime/session/session_context.hpp"

#include <botan/rng.h>
#include <caf/actor_system.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace starling::deploy {

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
  /// Where the state is kept; nothing is written in a simulation.
  bool persistent = true;
};

/// A node: its actors, put together. What is a daemon, what a simulated node,
/// and what a test makes, is the same from here on.
class node {
public:
  node(caf::actor_system& system, node_parts parts);

  ~node();

  node(const node&) = delete;
  node& operator=(const node&) = delete;

  /// Begins to listen; calls `done` with the addresses or what went wrong, in a
  /// thread of the system.
  void start(std::function<void(caf::expected<std::vector<std::string>>)> done);

  /// Ends all actors of the node.
  void stop();

  [[nodiscard]] node_context& context() {
    return context_;
  }

  [[nodiscard]] const peer_id& id() const {
    return context_.self;
  }

  [[nodiscard]] metrics::registry& metrics() {
    return metrics_;
  }

private:
  void make_context();
  void make_policy();
  void make_session_context();
  void spawn_mesh();
  void spawn_services();
  void take_membership(const caf::byte_buffer& reply);
  std::vector<named_service> services() const;

  caf::actor_system& system_;
  node_parts parts_;
  node_paths paths_;
  metrics::registry metrics_;
  node_context context_;
  std::unique_ptr<peer::admission_policy> policy_;
  /// Of the event loop's thread; replaced when the node becomes a member.
  std::shared_ptr<const session::session_context> session_context_;
  std::vector<caf::strong_actor_ptr> owned_;
};

} // namespace starling::deploy
