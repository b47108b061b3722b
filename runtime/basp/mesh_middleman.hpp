#pragma once

#include "runtime/basp/session_broker.hpp"

#include <caf/actor_system.hpp>
#include <caf/io/middleman.hpp>

namespace starling::basp {

/// CAF's network module with `session_broker` in place of the broker that
/// speaks BASP on bare sockets. Load it instead of `caf::io::middleman`:
/// `cfg.load<mesh_middleman<caf::io::network::default_multiplexer>>()`.
///
/// `Backend` is the event loop: `default_multiplexer` on epoll, or
/// `test_multiplexer` in tests and in the simulator.
template <class Backend>
class mesh_middleman : public caf::io::middleman {
public:
  explicit mesh_middleman(caf::actor_system& system)
    : caf::io::middleman(system),
      backend_{&system} {
    // nop
  }

  caf::io::network::multiplexer& backend() override {
    return backend_;
  }

  void start() override {
    // The name "BASP" is taken before the base class asks for it.
    named_broker<session_broker>("BASP");
    caf::io::middleman::start();
  }

  static caf::actor_system::module* make(caf::actor_system& system,
                                         caf::detail::type_list<>) {
    return new mesh_middleman{system};
  }

private:
  Backend backend_;
};

/// Returns the node's BASP broker. @pre a `mesh_middleman` is loaded.
inline bridge_actor bridge_of(caf::actor_system& system) {
  return caf::actor_cast<bridge_actor>(
    system.middleman().get_named_broker("BASP"));
}

} // namespace starling::basp
