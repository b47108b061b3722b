#pragma once

#include "actors/router/forwarding.hpp"
#include "actors/router/relay_header.hpp"
#include "actors/router/route_table.hpp"
#include "messages/membership.hpp"
#include "messages/mesh.hpp"
#include "messages/router.hpp"
#include "runtime/clock/hybrid_clock.hpp"
#include "runtime/node_context.hpp"
#include "runtime/wire/packet_codec.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace starling::router {

/// One end of a relayed link, to be spawned.
struct relay_request {
  router_actor router;
  peer_id self;
  peer_id other;
  relay_header header;
  /// Randomness for packet ids.
  uint64_t seed = 0;
};

struct link_state_router_options {
  node_context* node = nullptr;
  /// Spawns one end of a relayed link; given by the node, so that this role
  /// does not know the other's implementation.
  std::function<relay_actor(const relay_request&)> spawn_relay;
  /// Relayed links that begin or end here, in all and with one node.
  size_t relays_max = 256;
  size_t relays_per_node_max = 8;
  /// Circuits that ended, remembered so that a late datagram opens none.
  size_t ended_max = 1'024;
  /// Taken for a link that nobody has measured yet, microseconds.
  uint32_t latency_default_us = 1'000;
  /// Between two tries to find the mesh and the membership.
  caf::timespan find_interval = std::chrono::seconds{1};
  route_table::options routes{{10'000, 256, std::chrono::hours{24}}, {}};
  forwarder::options forwarding{};
  wire::packet_limits packets{};
};

/// What the actor takes in: its role, and news of sessions and members.
using link_state_router_actor = router_actor::extend_with<
  mesh_listener_actor>::extend_with<membership_listener_actor>;

/// Knows the links of all nodes from their signed records, sends each packet
/// along the cheapest way, and keeps the ends of relayed links told of how they
/// are reached. A neighbour whose session ends is routed around at once, before
/// anybody's record says so. `route_info::cost` is the price (dijkstra.hpp) in
/// microseconds.
///
/// Routing errors that come in are hints: they are not signed, and at worst
/// make this node send again.
class link_state_router_state {
public:
  static constexpr const char* name = "starling.router.link-state";

  link_state_router_state(link_state_router_actor::pointer self,
                          link_state_router_options opts);

  link_state_router_actor::behavior_type make_behavior();

private:
  struct circuit {
    peer_id other;
    relay_actor relay;
    std::vector<peer_id> path;
  };

  // -- messages ---------------------------------------------------------------

  void handle(const mesh_packet& msg);
  caf::result<route_info> find(const find_route& msg);
  std::vector<route_info> list();
  caf::result<link_actor> open(const open_relay& msg);
  void avoid(const avoid_peers& msg);
  void peer_is_up(const peer_up& msg);
  void peer_is_down(const peer_down& msg);
  void member_has_changed(const member_change& msg);
  void has_ended(const caf::down_msg& msg);

  // -- packets ----------------------------------------------------------------

  void deliver(const wire::packet_view& x);
  void deliver_relayed(const wire::packet_view& x);
  void deliver_error(const wire::packet_view& x);
  void forward(const wire::packet_view& x, const peer_id& next_hop);
  void report(const routing_error& x, const packet& about, const peer_id& from);
  void send_to(const peer_id& next_hop, const std::vector<uint8_t>& bytes);

  // -- routes -----------------------------------------------------------------

  void find_services();
  /// Looks up which neighbours are proven.
  void weigh_neighbours();
  void advertise_self();
  caf::expected<route_info> way_to(const peer_id& destination);
  result<peer_id> next_hop_to(const peer_id& destination);
  /// Tells relayed links whose way is another one now.
  void routes_have_changed();

  // -- relays -----------------------------------------------------------------

  relay_actor spawn_relay(const peer_id& other, const relay_header& header);
  bool may_relay(const peer_id& other) const;

  bool is_local() const;
  packet_id fresh_id();

  link_state_router_actor::pointer self_;
  link_state_router_options opts_;
  peer_id id_;
  std::mt19937_64 random_;
  clock::hybrid_clock clock_;
  route_table routes_;
  forwarder forwarder_;
  std::set<peer_id> neighbours_;
  std::set<peer_id> members_;
  /// What our own membership measured.
  std::map<peer_id, neighbour_info> measured_;
  uint64_t adverts_ = 0;
  std::map<relay_header, circuit> circuits_;
  std::set<relay_header> ended_;
  std::deque<relay_header> ended_order_;
  caf::actor_addr mesh_;
  caf::actor_addr membership_;
};

} // namespace starling::router
