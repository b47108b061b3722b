#pragma once

#include "messages/bridge.hpp"
#include "messages/error.hpp"
#include "messages/link.hpp"
#include "messages/mesh.hpp"
#include "messages/type_id_blocks.hpp"

#include <caf/byte_buffer.hpp>
#include <caf/result.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace starling {

struct end_session;
struct query_session;
struct session_ended;
struct session_heard;
struct session_offer;
struct session_ready;
struct update_services;

/// Role: owns the session to one node and what is multiplexed on it. Local.
using peer_actor = caf::typed_actor<
  // From its link.
  caf::result<void>(link_bytes), caf::result<void>(link_drained),
  caf::result<void>(link_closed),
  // From the BASP bridge.
  caf::result<void>(stream_bytes), caf::result<void>(stream_credit),
  caf::result<void>(stream_up), caf::result<void>(stream_failed),
  // Sends a packet to the other node. Errors: wrong_state.
  caf::result<void>(send_packet),
  // Tells the other node of actors that this node offers from now on.
  caf::result<void>(update_services),
  // Ends the session, telling the other side why.
  caf::result<void>(end_session),
  // Returns what an operator sees. Errors: wrong_state (not established).
  caf::result<peer_status>(query_session)>;

/// Role: keeps peers; is told how their sessions fare. Local.
using peer_owner_actor = caf::typed_actor<
  // The other side of a session that was not dialled here has said something
  // that belongs into a handshake.
  caf::result<void>(session_heard),
  // The peer is authenticated. True if the session may go on, false if another
  // one serves that node.
  caf::result<bool>(session_offer),
  // Handles of the other node can be used; comes again when they change.
  caf::result<void>(session_ready),
  // The session is over; the peer actor ends.
  caf::result<void>(session_ended)>;

} // namespace starling

CAF_BEGIN_TYPE_ID_BLOCK(starling_peer, starling::type_id_block::peer)

  CAF_ADD_TYPE_ID(starling_peer, (starling::end_session))
  CAF_ADD_TYPE_ID(starling_peer, (starling::peer_actor))
  CAF_ADD_TYPE_ID(starling_peer, (starling::peer_owner_actor))
  CAF_ADD_TYPE_ID(starling_peer, (starling::query_session))
  CAF_ADD_TYPE_ID(starling_peer, (starling::session_ended))
  CAF_ADD_TYPE_ID(starling_peer, (starling::session_heard))
  CAF_ADD_TYPE_ID(starling_peer, (starling::session_offer))
  CAF_ADD_TYPE_ID(starling_peer, (starling::session_ready))
  CAF_ADD_TYPE_ID(starling_peer, (starling::update_services))

CAF_END_TYPE_ID_BLOCK(starling_peer)

namespace starling {

struct end_session {
  caf::error reason;
};

struct query_session {};

struct update_services {
  std::vector<named_service> services;
};

struct session_heard {
  uint64_t session = 0;
};

struct session_offer {
  uint64_t session = 0;
  peer_id id;
  caf::node_id node;
  /// What the peer's admission policy answered to our credential.
  caf::byte_buffer reply;
};

struct session_ready {
  uint64_t session = 0;
  peer_services peer;
  std::vector<std::string> endpoints;
};

struct session_ended {
  uint64_t session = 0;
  caf::error reason;
};

template <class Inspector>
bool inspect(Inspector& f, end_session& x) {
  return f.object(x).fields(f.field("reason", x.reason));
}

template <class Inspector>
bool inspect(Inspector& f, query_session& x) {
  return f.object(x).fields();
}

template <class Inspector>
bool inspect(Inspector& f, update_services& x) {
  return f.object(x).fields(f.field("services", x.services));
}

template <class Inspector>
bool inspect(Inspector& f, session_heard& x) {
  return f.object(x).fields(f.field("session", x.session));
}

template <class Inspector>
bool inspect(Inspector& f, session_offer& x) {
  return f.object(x).fields(f.field("session", x.session), f.field("id", x.id),
                            f.field("node", x.node), f.field("reply", x.reply));
}

template <class Inspector>
bool inspect(Inspector& f, session_ready& x) {
  return f.object(x).fields(f.field("session", x.session),
                            f.field("peer", x.peer),
                            f.field("endpoints", x.endpoints));
}

template <class Inspector>
bool inspect(Inspector& f, session_ended& x) {
  return f.object(x).fields(f.field("session", x.session),
                            f.field("reason", x.reason));
}

} // namespace starling
