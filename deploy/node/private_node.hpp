#pragma once

#include "deploy/node/node.hpp"
#include "deploy/node/node_system.hpp"
#include "runtime/result.hpp"

#include <caf/actor_system.hpp>

#include <filesystem>
#include <memory>
#include <vector>

namespace starling::deploy {

/// A node without peers, files or network, in this process: what an experiment
/// runs on where there is no cluster.
class private_node {
public:
  /// Loads what lies in the folders of plugins first; all of it has to load,
  /// since somebody named them. Errors: those of the plugins and of the node's
  /// start.
  static result<std::unique_ptr<private_node>>
  start(const std::vector<std::filesystem::path>& plugin_dirs = {});

  ~private_node();

  private_node(const private_node&) = delete;
  private_node& operator=(const private_node&) = delete;

  caf::actor_system& system() {
    return system_;
  }

  node_context& context() {
    return node_->context();
  }

private:
  explicit private_node(std::shared_ptr<actor_catalog> catalog);

  std::shared_ptr<Botan::RandomNumberGenerator> rng_;
  std::shared_ptr<const identity::private_key> key_;
  std::shared_ptr<actor_catalog> catalog_;
  // Its actors use the node until the system is gone.
  std::unique_ptr<node> node_;
  node_system_config config_;
  caf::actor_system system_;
};

} // namespace starling::deploy
