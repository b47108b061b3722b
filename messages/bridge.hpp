#pragma once

#include "messages/error.hpp"
#include "messages/mesh.hpp"
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

struct stream_attach;
struct stream_bytes;
struct stream_credit;
struct stream_detach;
struct stream_failed;
struct stream_services;
struct stream_up;

/// Role: owns the session below a BASP stream. All of it stays on the node.
using stream_owner_actor = caf::typed_actor<
  // BASP's bytes for the other node.
  caf::result<void>(stream_bytes),
  // An actor here worked off messages of the other node.
  caf::result<void>(stream_credit),
  // Both ends speak BASP; handles of the other node can be used. Comes again
  // when the peer offers other services.
  caf::result<void>(stream_up),
  // The other node broke the rules; the session must end.
  caf::result<void>(stream_failed)>;

/// Role: runs CAF's distribution protocol on authenticated streams.
using bridge_actor = caf::typed_actor<
  // Starts BASP on a stream.
  caf::result<void>(stream_attach),
  // Bytes of the other node.
  caf::result<void>(stream_bytes),
  // The other node worked off messages of this node.
  caf::result<void>(stream_credit),
  // What one side offers has changed.
  caf::result<void>(stream_services),
  // The stream is gone: its proxies die.
  caf::result<void>(stream_detach),
  // Names the actor that opens sessions to nodes which handles point to.
  caf::result<void>(caf::connect_atom, mesh_actor)>;

} // namespace starling

CAF_BEGIN_TYPE_ID_BLOCK(starling_bridge, starling::type_id_block::bridge)

  CAF_ADD_TYPE_ID(starling_bridge, (starling::bridge_actor))
  CAF_ADD_TYPE_ID(starling_bridge, (starling::stream_attach))
  CAF_ADD_TYPE_ID(starling_bridge, (starling::stream_bytes))
  CAF_ADD_TYPE_ID(starling_bridge, (starling::stream_credit))
  CAF_ADD_TYPE_ID(starling_bridge, (starling::stream_detach))
  CAF_ADD_TYPE_ID(starling_bridge, (starling::stream_failed))
  CAF_ADD_TYPE_ID(starling_bridge, (starling::stream_owner_actor))
  CAF_ADD_TYPE_ID(starling_bridge, (starling::stream_services))
  CAF_ADD_TYPE_ID(starling_bridge, (starling::stream_up))

CAF_END_TYPE_ID_BLOCK(starling_bridge)

namespace starling {

/// An actor of another node, by its id there.
struct remote_service {
  std::string name;
  caf::actor_id actor = 0;
};

struct stream_attach {
  /// Unique on this node for ever.
  uint64_t stream = 0;
  stream_owner_actor owner;
  peer_id peer;
  /// The CAF node that the authenticated peer named as its own.
  caf::node_id node;
  bool initiator = false;
  /// Local actors that this peer may reach from the start. It may not end them.
  std::vector<caf::strong_actor_ptr> services;
  /// What the peer offers in turn.
  std::vector<remote_service> offered;
};

struct stream_bytes {
  uint64_t stream = 0;
  caf::byte_buffer data;
};

/// Local actors that the peer may reach from now on, and what it offers now.
struct stream_services {
  uint64_t stream = 0;
  std::vector<caf::strong_actor_ptr> services;
  std::vector<remote_service> offered;
};

/// An actor consumed `consumed` bytes of the peer's messages in all.
struct stream_credit {
  uint64_t stream = 0;
  caf::actor_id actor = 0;
  uint64_t consumed = 0;
};

struct stream_detach {
  uint64_t stream = 0;
  caf::error reason;
};

struct stream_up {
  uint64_t stream = 0;
  /// Handles of what the peer offers.
  std::vector<named_service> services;
};

struct stream_failed {
  uint64_t stream = 0;
  caf::error reason;
};

template <class Inspector>
bool inspect(Inspector& f, remote_service& x) {
  return f.object(x).fields(f.field("name", x.name), f.field("actor", x.actor));
}

template <class Inspector>
bool inspect(Inspector& f, stream_attach& x) {
  return f.object(x).fields(
    f.field("stream", x.stream), f.field("owner", x.owner),
    f.field("peer", x.peer), f.field("node", x.node),
    f.field("initiator", x.initiator), f.field("services", x.services),
    f.field("offered", x.offered));
}

template <class Inspector>
bool inspect(Inspector& f, stream_bytes& x) {
  return f.object(x).fields(f.field("stream", x.stream),
                            f.field("data", x.data));
}

template <class Inspector>
bool inspect(Inspector& f, stream_services& x) {
  return f.object(x).fields(f.field("stream", x.stream),
                            f.field("services", x.services),
                            f.field("offered", x.offered));
}

template <class Inspector>
bool inspect(Inspector& f, stream_credit& x) {
  return f.object(x).fields(f.field("stream", x.stream),
                            f.field("actor", x.actor),
                            f.field("consumed", x.consumed));
}

template <class Inspector>
bool inspect(Inspector& f, stream_detach& x) {
  return f.object(x).fields(f.field("stream", x.stream),
                            f.field("reason", x.reason));
}

template <class Inspector>
bool inspect(Inspector& f, stream_up& x) {
  return f.object(x).fields(f.field("stream", x.stream),
                            f.field("services", x.services));
}

template <class Inspector>
bool inspect(Inspector& f, stream_failed& x) {
  return f.object(x).fields(f.field("stream", x.stream),
                            f.field("reason", x.reason));
}

} // namespace starling
