#pragma once

#include "deploy/bench/bench_actors.hpp"
#include "deploy/node/node.hpp"
#include "deploy/node/node_system.hpp"

#include <caf/actor_system.hpp>
#include <caf/expected.hpp>
#include <caf/scoped_actor.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace starling::deploy {

/// A node as `starling node` runs it, on loopback, with a state that is
/// forgotten. Its catalog holds "bench" for the nodes on its allow-list.
class bench_node {
public:
  using key_ptr = std::shared_ptr<const identity::private_key>;

  /// Listens if `listens`, and then waits until it does.
  bench_node(key_ptr key, std::vector<peer_id> others, const bench_plan& plan,
             bool listens);

  ~bench_node();

  bench_node(const bench_node&) = delete;
  bench_node& operator=(const bench_node&) = delete;

  /// Where it listens. Errors: those of the node.
  [[nodiscard]] const caf::expected<std::string>& address() const {
    return address_;
  }

  [[nodiscard]] caf::actor_system& system() {
    return system_;
  }

  [[nodiscard]] node& get() {
    return *node_;
  }

  /// Opens a session and returns the other node's spawner. Blocks. Errors:
  /// those of the mesh.
  [[nodiscard]] caf::expected<spawner_actor> connect(const std::string& address,
                                                     const peer_id& other);

  /// The same through other nodes, once they are known to lead there.
  [[nodiscard]] caf::expected<spawner_actor>
  connect_by_relay(const peer_id& other);

  /// Spawns a "bench" by that spawner. Blocks. Errors: those of the spawner.
  [[nodiscard]] caf::expected<bench_actor> spawn(const spawner_actor& where);

  /// The same right after `connect`: the other node may not know yet whose
  /// session it is that the request came by.
  [[nodiscard]] caf::expected<bench_actor>
  spawn_first(const spawner_actor& where);

private:
  template <class Request>
  caf::expected<spawner_actor> ask_mesh(Request request);
  void start(key_ptr key, std::vector<peer_id> others, bool listens);

  node_system_config config_;
  /// Its actors use it, so it goes after the system.
  std::unique_ptr<node> node_;
  caf::actor_system system_;
  std::shared_ptr<actor_catalog> catalog_ = std::make_shared<actor_catalog>();
  std::optional<caf::scoped_actor> self_;
  caf::expected<std::string> address_ = std::string{};
};

} // namespace starling::deploy
