#pragma once

#include "deploy/node/node.hpp"
#include "deploy/node/node_system.hpp"
#include "messages/peer_id.hpp"
#include "messages/spawner.hpp"
#include "runtime/plugin/actor_catalog.hpp"
#include "runtime/result.hpp"

#include <caf/actor_system.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace starling::deploy {

/// A node as `starling node` runs it, on loopback, with a state that is
/// forgotten: one process of a cluster that lasts as long as a measurement.
class cluster_member {
public:
  using key_ptr = std::shared_ptr<const identity::private_key>;

  /// Admits `others` and lets them spawn all types of the catalog. Listens if
  /// `listens`, and then waits until it does.
  cluster_member(key_ptr key, std::vector<peer_id> others,
                 std::shared_ptr<const actor_catalog> catalog, bool listens);

  ~cluster_member();

  cluster_member(const cluster_member&) = delete;
  cluster_member& operator=(const cluster_member&) = delete;

  /// Where it listens. Errors: those of the node.
  [[nodiscard]] const result<std::string>& address() const {
    return address_;
  }

  [[nodiscard]] caf::actor_system& system() {
    return system_;
  }

  [[nodiscard]] node_context& context() {
    return node_->context();
  }

  /// Opens a session and spawns an actor of that type there. Blocks. Errors:
  /// those of mesh and spawner.
  [[nodiscard]] result<caf::strong_actor_ptr>
  spawn_at(const std::string& address, const peer_id& other,
           const std::string& type);

  /// Payload bytes that its sessions sent so far. Blocks.
  [[nodiscard]] uint64_t bytes_sent();

private:
  node_system_config config_;
  /// Its actors use it, so it goes after the system.
  std::unique_ptr<node> node_;
  caf::actor_system system_;
  result<std::string> address_ = std::string{};
};

} // namespace starling::deploy
