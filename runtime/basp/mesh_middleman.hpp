#pragma once

#include "runtime/basp/session_broker.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/node_id.hpp>

#include <string>

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

  void init(caf::actor_system_config& config) override {
    caf::io::middleman::init(config);
    const auto wanted
      = caf::get_or(config, "starling.node-name", std::string{});
    auto name = caf::node_id{};
    if (wanted.empty() || caf::parse(wanted, name))
      return;
    // CAF offers no way to choose it. All copies of a node id share one value,
    // and nothing has read this one yet.
    auto own = system().node();
    own->content = name->content;
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
