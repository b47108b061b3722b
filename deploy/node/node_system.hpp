#pragma once

#include "deploy/node/process_memory.hpp"
#include "runtime/basp/mesh_middleman.hpp"
#include "runtime/event_loop/direct_loop.hpp"
#include "runtime/event_loop/pool_policy.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/config_option_adder.hpp>
#include <caf/node_id.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace starling::deploy {

/// Sets a node's CAF up on the event loop `Backend`: CAF's network module is
/// ours, and what would go around the sessions is off. `name` is what peers
/// know the process by, see `basp::node_name`; none stands for a random one.
template <class Backend>
void configure_node(caf::actor_system_config& config, const caf::node_id& name,
                    uint64_t packet_max) {
  config.load<basp::mesh_middleman<Backend>>();
  caf::config_option_adder{config.custom_options(), "starling"}
    .add<uint64_t>("max-packet-size", "largest message between nodes, bytes")
    .add<std::string>("node-name", "CAF's id of the node");
  if (name)
    config.set("starling.node-name", to_string(name));
  config.set("starling.max-packet-size", packet_max);
  // Messages are read where they arrive, by the event loop.
  config.set("caf.middleman.workers", 0);
  // Signs of life are the session's, see `session_peer`.
  config.set("caf.middleman.heartbeat-interval", caf::timespan{0});
  config.set("caf.middleman.enable-automatic-connections", false);
}

/// Returns how many threads run actors beside the event loop: as many as the
/// node's share of the processors makes, at least one.
[[nodiscard]] inline size_t threads_for(double share, unsigned processors) {
  return std::max<size_t>(1, static_cast<size_t>(share * processors));
}

/// How CAF is set up in a node's process.
class node_system_config : public caf::actor_system_config {
public:
  /// `threads` run actors beside the event loop.
  node_system_config(const caf::node_id& name, size_t threads,
                     uint64_t packet_max) {
    configure_node<event_loop::direct_loop>(*this, name, packet_max);
    // CAF's stealing policy has four times the latency on few cores.
    event_loop::load_pool(*this);
    keep_freed_memory();
    set("caf.scheduler.max-threads", threads);
  }
};

} // namespace starling::deploy
