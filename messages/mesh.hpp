#pragma once

#include "messages/error.hpp"
#include "messages/peer_id.hpp"
#include "messages/type_id_blocks.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/byte_buffer.hpp>
#include <caf/node_id.hpp>
#include <caf/result.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace starling {

struct block_peer;
struct connect_address;
struct connect_node;
struct connect_peer;
struct disconnect_peer;
struct find_service;
struct list_peers;
struct mesh_addresses;
struct mesh_packet;
struct messages_dropped;
struct peer_down;
struct peer_services;
struct peer_status;
struct peer_up;
struct send_packet;
struct start_mesh;
struct unblock_peer;

/// Role: is told when sessions to neighbours begin and end.
using mesh_listener_actor = caf::typed_actor<
  // A session stands; the peer's services can be used.
  caf::result<void>(peer_up),
  // The last session with that peer ended.
  caf::result<void>(peer_down)>;

/// Role: takes packets that are for the router: those of neighbours and those
/// of this node.
using packet_handler_actor = caf::typed_actor<
  // An encoded packet (runtime/wire/packet_codec.hpp) from a neighbour.
  caf::result<void>(mesh_packet)>;

/// Role: keeps the sessions of this node: dials, admits, limits, ends them.
using mesh_actor = caf::typed_actor<
  // Opens a session to an address, e.g. "tcp://host:port"; with an expected id
  // any other peer is refused. Errors: unreachable, authentication_failed,
  // negotiation_failed, revoked, limit_reached, timed_out.
  caf::result<peer_services>(connect_address),
  // Returns the services of a peer; opens a session first when there is none,
  // by a known address or through other nodes. Errors: as above, unknown_peer.
  caf::result<peer_services>(connect_peer),
  // The same for a CAF node, as found in a handle that came from a third node.
  caf::result<peer_services>(connect_node),
  // Names what this node offers to its peers, and begins to listen; again when
  // an offered actor was replaced. Returns the addresses listened on. Errors:
  // those of the transports. Local.
  caf::result<mesh_addresses>(start_mesh),
  // Returns the handle of a named service of a peer. Errors: as connect_peer,
  // unknown_name.
  caf::result<caf::strong_actor_ptr>(find_service),
  // Returns all peers with a session, by id.
  caf::result<std::vector<peer_status>>(list_peers),
  // Ends the sessions with a peer. Errors: unknown_peer.
  caf::result<void>(disconnect_peer),
  // Ends the sessions with a peer and refuses new ones.
  caf::result<void>(block_peer),
  // Lets a blocked peer come back.
  caf::result<void>(unblock_peer),
  // Sends an encoded packet to a neighbour. Errors: unreachable.
  caf::result<void>(send_packet),
  // Sends all later changes, and `peer_up` for each session that stands.
  caf::result<void>(caf::subscribe_atom, mesh_listener_actor),
  // Notes that messages were lost on this side. Local.
  caf::result<void>(messages_dropped)>;

} // namespace starling

CAF_BEGIN_TYPE_ID_BLOCK(starling_mesh, starling::type_id_block::mesh)

  CAF_ADD_TYPE_ID(starling_mesh, (starling::block_peer))
  CAF_ADD_TYPE_ID(starling_mesh, (starling::connect_address))
  CAF_ADD_TYPE_ID(starling_mesh, (starling::connect_node))
  CAF_ADD_TYPE_ID(starling_mesh, (starling::connect_peer))
  CAF_ADD_TYPE_ID(starling_mesh, (starling::disconnect_peer))
  CAF_ADD_TYPE_ID(starling_mesh, (starling::find_service))
  CAF_ADD_TYPE_ID(starling_mesh, (starling::list_peers))
  CAF_ADD_TYPE_ID(starling_mesh, (starling::mesh_actor))
  CAF_ADD_TYPE_ID(starling_mesh, (starling::mesh_addresses))
  CAF_ADD_TYPE_ID(starling_mesh, (starling::mesh_listener_actor))
  CAF_ADD_TYPE_ID(starling_mesh, (starling::mesh_packet))
  CAF_ADD_TYPE_ID(starling_mesh, (starling::messages_dropped))
  CAF_ADD_TYPE_ID(starling_mesh, (starling::packet_handler_actor))
  CAF_ADD_TYPE_ID(starling_mesh, (starling::peer_down))
  CAF_ADD_TYPE_ID(starling_mesh, (starling::peer_services))
  CAF_ADD_TYPE_ID(starling_mesh, (starling::peer_status))
  CAF_ADD_TYPE_ID(starling_mesh, (starling::peer_up))
  CAF_ADD_TYPE_ID(starling_mesh, (starling::send_packet))
  CAF_ADD_TYPE_ID(starling_mesh, (starling::start_mesh))
  CAF_ADD_TYPE_ID(starling_mesh, (starling::unblock_peer))
  CAF_ADD_TYPE_ID(starling_mesh, (std::vector<starling::peer_status>))

CAF_END_TYPE_ID_BLOCK(starling_mesh)

namespace starling {

/// An actor that a node offers to its peers under a name.
struct named_service {
  std::string name;
  caf::strong_actor_ptr actor;
};

/// Who a peer is and what it offers.
struct peer_services {
  peer_id id;
  /// Display name from its membership certificate; not an identity.
  std::string name;
  /// CAF's name for the process behind the session; changes on restart.
  caf::node_id node;
  std::vector<named_service> services;
};

struct connect_address {
  std::string address;
  /// Empty or one id.
  std::vector<peer_id> expected;
};

struct connect_peer {
  peer_id id;
};

struct connect_node {
  caf::node_id node;
};

struct find_service {
  peer_id id;
  std::string name;
};

struct list_peers {};

/// Where the node listens, with the ports that were taken.
struct mesh_addresses {
  std::vector<std::string> addresses;
};

struct start_mesh {
  std::vector<named_service> services;
};

/// Messages nobody waits for an answer to, which were not sent: their receivers
/// do not keep up, and what may wait for them is bounded. Said for the first
/// one and then each time that their number has doubled.
struct messages_dropped {
  peer_id peer;
  /// Since it was said last.
  uint64_t count = 0;
};

/// A session as an operator sees it.
struct peer_status {
  peer_id id;
  std::string name;
  std::string address;
  caf::node_id node;
  /// Negotiated key exchange, e.g. "SECP384R1_ML_KEM_1024".
  std::string key_exchange;
  bool dialled = false;
  /// Node ids on the way, for a session that is relayed; empty if direct.
  bool relayed = false;
  /// Payload bytes since the session began.
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
  /// Key changes since the session began.
  uint64_t rotations = 0;
  /// Smoothed round trip, microseconds; 0 before the first answer.
  uint64_t round_trip_us = 0;
};

struct disconnect_peer {
  peer_id id;
  std::string reason;
};

struct block_peer {
  peer_id id;
  std::string reason;
};

struct unblock_peer {
  peer_id id;
};

/// A packet for a neighbour, encoded.
struct send_packet {
  peer_id next_hop;
  caf::byte_buffer packet;
};

/// A packet from a neighbour, encoded.
struct mesh_packet {
  peer_id from;
  caf::byte_buffer packet;
};

struct peer_up {
  peer_services peer;
  std::string address;
  bool relayed = false;
};

struct peer_down {
  peer_id id;
  bool relayed = false;
  caf::error reason;
};

template <class Inspector>
bool inspect(Inspector& f, named_service& x) {
  return f.object(x).fields(f.field("name", x.name), f.field("actor", x.actor));
}

template <class Inspector>
bool inspect(Inspector& f, peer_services& x) {
  return f.object(x).fields(f.field("id", x.id), f.field("name", x.name),
                            f.field("node", x.node),
                            f.field("services", x.services));
}

template <class Inspector>
bool inspect(Inspector& f, connect_address& x) {
  return f.object(x).fields(f.field("address", x.address),
                            f.field("expected", x.expected));
}

template <class Inspector>
bool inspect(Inspector& f, connect_peer& x) {
  return f.object(x).fields(f.field("id", x.id));
}

template <class Inspector>
bool inspect(Inspector& f, connect_node& x) {
  return f.object(x).fields(f.field("node", x.node));
}

template <class Inspector>
bool inspect(Inspector& f, find_service& x) {
  return f.object(x).fields(f.field("id", x.id), f.field("name", x.name));
}

template <class Inspector>
bool inspect(Inspector& f, mesh_addresses& x) {
  return f.object(x).fields(f.field("addresses", x.addresses));
}

template <class Inspector>
bool inspect(Inspector& f, start_mesh& x) {
  return f.object(x).fields(f.field("services", x.services));
}

template <class Inspector>
bool inspect(Inspector& f, list_peers& x) {
  return f.object(x).fields();
}

template <class Inspector>
bool inspect(Inspector& f, messages_dropped& x) {
  return f.object(x).fields(f.field("peer", x.peer), f.field("count", x.count));
}

template <class Inspector>
bool inspect(Inspector& f, peer_status& x) {
  return f.object(x).fields(
    f.field("id", x.id), f.field("name", x.name), f.field("address", x.address),
    f.field("node", x.node), f.field("key_exchange", x.key_exchange),
    f.field("dialled", x.dialled), f.field("relayed", x.relayed),
    f.field("bytes_in", x.bytes_in), f.field("bytes_out", x.bytes_out),
    f.field("rotations", x.rotations),
    f.field("round_trip_us", x.round_trip_us));
}

template <class Inspector>
bool inspect(Inspector& f, disconnect_peer& x) {
  return f.object(x).fields(f.field("id", x.id), f.field("reason", x.reason));
}

template <class Inspector>
bool inspect(Inspector& f, block_peer& x) {
  return f.object(x).fields(f.field("id", x.id), f.field("reason", x.reason));
}

template <class Inspector>
bool inspect(Inspector& f, unblock_peer& x) {
  return f.object(x).fields(f.field("id", x.id));
}

template <class Inspector>
bool inspect(Inspector& f, send_packet& x) {
  return f.object(x).fields(f.field("next_hop", x.next_hop),
                            f.field("packet", x.packet));
}

template <class Inspector>
bool inspect(Inspector& f, mesh_packet& x) {
  return f.object(x).fields(f.field("from", x.from),
                            f.field("packet", x.packet));
}

template <class Inspector>
bool inspect(Inspector& f, peer_up& x) {
  return f.object(x).fields(f.field("peer", x.peer),
                            f.field("address", x.address),
                            f.field("relayed", x.relayed));
}

template <class Inspector>
bool inspect(Inspector& f, peer_down& x) {
  return f.object(x).fields(f.field("id", x.id), f.field("relayed", x.relayed),
                            f.field("reason", x.reason));
}

} // namespace starling
