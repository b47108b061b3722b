#pragma once

#include "messages/error.hpp"
#include "messages/link.hpp"
#include "messages/mesh.hpp"
#include "messages/peer_id.hpp"
#include "messages/type_id_blocks.hpp"

#include <caf/byte_buffer.hpp>
#include <caf/result.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace starling {

struct avoid_peers;
struct find_route;
struct list_routes;
struct open_relay;
struct relay_datagram;
struct relay_path;
struct route_info;

/// Role: finds ways to nodes that are not neighbours and forwards packets.
using router_actor = caf::typed_actor<
  // Takes a packet from a neighbour: delivers, forwards, or answers with a
  // routing error.
  caf::result<void>(mesh_packet),
  // Returns the way to a node. Errors: unreachable.
  caf::result<route_info>(find_route),
  // Returns the ways to all nodes known, by id.
  caf::result<std::vector<route_info>>(list_routes),
  // Opens a link through other nodes. Its bytes arrive in order, through
  // whatever path exists at the time. Errors: unreachable, limit_reached.
  caf::result<link_actor>(open_relay),
  // Names all nodes that must carry no traffic; replaces the last such list.
  caf::result<void>(avoid_peers)>;

/// Role: one end of a link through other nodes. Local.
using relay_actor = link_actor::extend_with<caf::typed_actor<
  // From the router: a datagram of the other end.
  caf::result<void>(relay_datagram),
  // From the router: the way to the other end is another one.
  caf::result<void>(relay_path)>>;

} // namespace starling

CAF_BEGIN_TYPE_ID_BLOCK(starling_router, starling::type_id_block::router)

  CAF_ADD_TYPE_ID(starling_router, (starling::avoid_peers))
  CAF_ADD_TYPE_ID(starling_router, (starling::find_route))
  CAF_ADD_TYPE_ID(starling_router, (starling::list_routes))
  CAF_ADD_TYPE_ID(starling_router, (starling::open_relay))
  CAF_ADD_TYPE_ID(starling_router, (starling::route_info))
  CAF_ADD_TYPE_ID(starling_router, (starling::router_actor))
  CAF_ADD_TYPE_ID(starling_router, (std::vector<starling::route_info>))
  CAF_ADD_TYPE_ID(starling_router, (starling::relay_actor))
  CAF_ADD_TYPE_ID(starling_router, (starling::relay_datagram))
  CAF_ADD_TYPE_ID(starling_router, (starling::relay_path))

CAF_END_TYPE_ID_BLOCK(starling_router)

namespace starling {

struct find_route {
  peer_id destination;
};

struct list_routes {};

struct relay_datagram {
  caf::byte_buffer data;
};

/// A new way, or none at present.
struct relay_path {
  bool exists = false;
};

/// A way to a node: this node is not part of `path`, the destination is last.
struct route_info {
  peer_id destination;
  std::vector<peer_id> path;
  /// Sum of the links' weights; what a weight is, the router documents.
  double cost = 0.0;
  /// Sum of the links' latencies, microseconds.
  uint64_t latency_us = 0;
};

struct open_relay {
  peer_id destination;
};

struct avoid_peers {
  std::vector<peer_id> ids;
};

template <class Inspector>
bool inspect(Inspector& f, find_route& x) {
  return f.object(x).fields(f.field("destination", x.destination));
}

template <class Inspector>
bool inspect(Inspector& f, relay_datagram& x) {
  return f.object(x).fields(f.field("data", x.data));
}

template <class Inspector>
bool inspect(Inspector& f, relay_path& x) {
  return f.object(x).fields(f.field("exists", x.exists));
}

template <class Inspector>
bool inspect(Inspector& f, list_routes& x) {
  return f.object(x).fields();
}

template <class Inspector>
bool inspect(Inspector& f, route_info& x) {
  return f.object(x).fields(f.field("destination", x.destination),
                            f.field("path", x.path), f.field("cost", x.cost),
                            f.field("latency_us", x.latency_us));
}

template <class Inspector>
bool inspect(Inspector& f, open_relay& x) {
  return f.object(x).fields(f.field("destination", x.destination));
}

template <class Inspector>
bool inspect(Inspector& f, avoid_peers& x) {
  return f.object(x).fields(f.field("ids", x.ids));
}

} // namespace starling
