#pragma once

#include "runtime/basp/mesh_middleman.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/test_multiplexer.hpp>

#include <cstdint>

namespace starling::deploy {

/// How CAF is set up on a node.
class node_system_config : public caf::actor_system_config {
public:
  /// Threads that run actors beside the event loop. The work-sharing policy has
  /// a quarter of the stealing one's latency on few cores.
  explicit node_system_config(size_t threads, uint64_t packet_max) {
    load<basp::mesh_middleman<caf::io::network::default_multiplexer>>();
    set("caf.scheduler.policy", "sharing");
    set("caf.scheduler.max-threads", threads);
    set_common(packet_max);
  }

private:
  void set_common(uint64_t packet_max) {
    opt_group{custom_options_, "starling"}.add<uint64_t>(
      "max-packet-size", "largest message between nodes, bytes");
    // Messages are read where they arrive, by the event loop.
    set("caf.middleman.workers", 0);
    // Signs of life are the session's, see `session_peer`.
    set("caf.middleman.heartbeat-interval", caf::timespan{0});
    set("caf.middleman.enable-automatic-connections", false);
    set("starling.max-packet-size", packet_max);
  }

  friend class simulated_system_config;

  struct simulated {};

  explicit node_system_config(simulated, uint64_t packet_max) {
    load<basp::mesh_middleman<caf::io::network::test_multiplexer>>();
    set("caf.scheduler.policy", "testing");
    set("caf.middleman.manual-multiplexing", true);
    set("caf.middleman.attach-utility-actors", true);
    set_common(packet_max);
  }
};

/// The same on virtual time and on the caller's thread, for the simulator.
class simulated_system_config : public node_system_config {
public:
  explicit simulated_system_config(uint64_t packet_max)
    : node_system_config{simulated{}, packet_max} {
    // nop
  }
};

} // namespace starling::deploy
