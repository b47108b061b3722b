#pragma once

#include "tests/support/simulated_cluster.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace starling::test {

/// Answers with what it is told; keeps a handle for who asks later.
using echo_actor
  = caf::typed_actor<caf::result<std::string>(std::string),
                     caf::result<void>(caf::put_atom, caf::strong_actor_ptr),
                     caf::result<caf::strong_actor_ptr>(caf::get_atom)>;

/// Notes numbers in the order in which they come; says which they were.
using counter_actor
  = caf::typed_actor<caf::result<uint64_t>(uint64_t, std::string),
                     caf::result<std::string>(caf::get_atom)>;

/// Ends an actor with the node that it was spawned on.
template <class Self>
void end_with_node(Self* self, const mesh_actor& mesh) {
  self->monitor(mesh);
  self->set_down_handler([self, mesh = mesh.address()](caf::down_msg& down) {
    if (down.source == mesh)
      self->quit(down.reason);
  });
}

inline echo_actor::behavior_type
echo(echo_actor::stateful_pointer<caf::strong_actor_ptr> self,
     const mesh_actor& mesh) {
  end_with_node(self, mesh);
  return {
    [](const std::string& text) { return text; },
    [self](caf::put_atom, const caf::strong_actor_ptr& x) { self->state = x; },
    [self](caf::get_atom) { return self->state; },
  };
}

inline counter_actor::behavior_type
counter(counter_actor::stateful_pointer<std::vector<uint64_t>> self,
        const mesh_actor& mesh) {
  end_with_node(self, mesh);
  return {
    [self](uint64_t number, const std::string&) {
      self->state.push_back(number);
      return number;
    },
    [self](caf::get_atom) {
      auto result = std::string{};
      for (auto number : self->state)
        result += std::to_string(number) + " ";
      return result;
    },
  };
}

/// What a counter has to answer that got all numbers below `end`, in order.
inline std::string all_below(uint64_t end) {
  auto result = std::string{};
  for (uint64_t i = 0; i < end; ++i)
    result += std::to_string(i) + " ";
  return result;
}

/// Fills a catalog with the actors above.
inline void add_test_actors(actor_catalog& catalog) {
  REQUIRE(!catalog.add<echo_actor>(
    "echo", "answers with what it is told",
    [](node_context& node, const caf::settings&) -> caf::expected<echo_actor> {
      return node.system->spawn(echo, node.mesh());
    }));
  REQUIRE(!catalog.add<counter_actor>(
    "counter", "notes numbers",
    [](node_context& node,
       const caf::settings&) -> caf::expected<counter_actor> {
      return node.system->spawn(counter, node.mesh());
    }));
}

/// Opens a session by address; the answer tells of the peer.
inline caf::expected<peer_services> dial(simulated_cluster& cluster,
                                         size_t from, size_t to) {
  return cluster.ask<peer_services>(
    from, cluster.node(from).context().mesh(),
    connect_address{cluster.address(to), {cluster.node(to).id()}});
}

/// Returns the handle of a peer's service.
template <class Handle>
Handle service_of(const peer_services& peer, const std::string& name) {
  for (const auto& service : peer.services)
    if (service.name == name)
      return caf::actor_cast<Handle>(service.actor);
  FAIL("no service " << name);
  return {};
}

/// Spawns an actor of a type on a neighbour.
template <class Handle>
Handle spawn_on(simulated_cluster& cluster, size_t from, size_t to,
                const std::string& type, const std::string& name = {}) {
  auto peer = dial(cluster, from, to);
  REQUIRE_MESSAGE(peer, to_string(peer.error()));
  auto spawned = cluster.ask<caf::strong_actor_ptr>(
    from, service_of<spawner_actor>(*peer, "spawner"),
    spawn_request{
      type, name, {}, cluster.system(from).sys().message_types<Handle>()});
  REQUIRE_MESSAGE(spawned, to_string(spawned.error()));
  return caf::actor_cast<Handle>(*spawned);
}

inline std::vector<peer_status> peers_of(simulated_cluster& cluster,
                                         size_t index) {
  auto peers = cluster.ask<std::vector<peer_status>>(
    index, cluster.node(index).context().mesh(), list_peers{});
  REQUIRE_MESSAGE(peers, to_string(peers.error()));
  return *peers;
}

/// Returns the events of one kind that a node audited.
inline std::vector<audit_event> audited(const simulated_cluster& cluster,
                                        size_t index, const std::string& kind) {
  auto result = std::vector<audit_event>{};
  for (const auto& event : cluster.events(index))
    if (event.kind == kind)
      result.push_back(event);
  return result;
}

/// Leaves a node to those who dial it, so that the test decides who does.
inline void be_quiet(size_t, config::node_options& opts) {
  opts.node.dial = "demand";
}

/// The same, and who is not dialled by the test is reached through relays.
inline void be_relayed(size_t, config::node_options& opts) {
  opts.node.dial = "bootstrap";
}

/// All nodes start with the address of the first one only, and find each other.
inline void know_the_first(size_t index, config::node_options& opts) {
  if (index > 0)
    opts.node.bootstrap.push_back(
      *config::parse_endpoint("memory://" + simulated_cluster::name_of(0)));
}

} // namespace starling::test
