#pragma once

#include "messages/byte_field.hpp"
#include "messages/error.hpp"
#include "messages/peer_id.hpp"
#include "messages/type_id_blocks.hpp"

#include <caf/byte_buffer.hpp>
#include <caf/node_id.hpp>
#include <caf/result.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace starling {

struct find_member;
struct find_member_by_node;
struct gossip_digest;
struct gossip_records;
struct leave_cluster;
struct list_members;
struct member_change;
struct member_info;
struct member_probe;
struct neighbour_info;

/// Role: is told when members join, change or go.
using membership_listener_actor
  = caf::typed_actor<caf::result<void>(member_change)>;

/// Role: knows who belongs to the cluster, by gossip.
using membership_actor = caf::typed_actor<
  // Compares what both know: answers with the records the sender lacks, and
  // asks for its own gaps. Errors: malformed_input.
  caf::result<gossip_records>(gossip_digest),
  // Merges records; each is signed by the node it speaks of. Errors:
  // malformed_input, authentication_failed.
  caf::result<void>(gossip_records),
  // A sign of life, a question for one, or an answer: failure detection between
  // neighbours. From others it is dropped.
  caf::result<void>(member_probe),
  // Returns all members, by id; this node too.
  caf::result<std::vector<member_info>>(list_members),
  // Errors: unknown_peer.
  caf::result<member_info>(find_member),
  // Errors: unknown_peer.
  caf::result<member_info>(find_member_by_node),
  // Announces that this node leaves; answers when its neighbours know. Local.
  caf::result<void>(leave_cluster),
  // Sends all later changes, and one for each member known now.
  caf::result<void>(caf::subscribe_atom, membership_listener_actor)>;

} // namespace starling

CAF_BEGIN_TYPE_ID_BLOCK(starling_membership,
                        starling::type_id_block::membership)

  CAF_ADD_TYPE_ID(starling_membership, (starling::find_member))
  CAF_ADD_TYPE_ID(starling_membership, (starling::find_member_by_node))
  CAF_ADD_TYPE_ID(starling_membership, (starling::gossip_digest))
  CAF_ADD_TYPE_ID(starling_membership, (starling::gossip_records))
  CAF_ADD_TYPE_ID(starling_membership, (starling::leave_cluster))
  CAF_ADD_TYPE_ID(starling_membership, (starling::list_members))
  CAF_ADD_TYPE_ID(starling_membership, (starling::member_change))
  CAF_ADD_TYPE_ID(starling_membership, (starling::member_info))
  CAF_ADD_TYPE_ID(starling_membership, (starling::membership_actor))
  CAF_ADD_TYPE_ID(starling_membership, (starling::membership_listener_actor))
  CAF_ADD_TYPE_ID(starling_membership, (std::vector<starling::member_info>))
  CAF_ADD_TYPE_ID(starling_membership, (starling::member_probe))

CAF_END_TYPE_ID_BLOCK(starling_membership)

namespace starling {

/// What a node claims to have a link to, with what it measured.
struct neighbour_info {
  peer_id id;
  /// Smoothed round trip divided by two, microseconds.
  uint32_t latency_us = 0;
  /// Share of probes answered, [0, 1].
  double reliability = 1.0;
};

/// Liveness as this node sees it.
enum class member_state : uint8_t { alive, suspect, dead, left };

/// What is known of a member.
struct member_info {
  peer_id id;
  std::string name;
  caf::node_id node;
  /// Where it can be dialled, e.g. "tcp://127.0.0.1:4711".
  std::vector<std::string> endpoints;
  /// Actor types its catalog holds.
  std::vector<std::string> capabilities;
  std::vector<neighbour_info> neighbours;
  member_state state = member_state::alive;
  /// Grows with each start of that node.
  uint64_t incarnation = 0;
};

/// A digest, encoded (messages/wire/membership.capnp).
struct gossip_digest {
  caf::byte_buffer data;
};

/// Signed records, and a digest of what is wanted back, encoded.
struct gossip_records {
  caf::byte_buffer data;
};

/// A message of the failure detector, encoded.
struct member_probe {
  caf::byte_buffer data;
};

struct list_members {};

struct find_member {
  peer_id id;
};

struct find_member_by_node {
  caf::node_id node;
};

struct leave_cluster {};

struct member_change {
  member_info member;
};

template <class Inspector>
bool inspect(Inspector& f, member_state& x) {
  auto get = [&x] { return static_cast<uint8_t>(x); };
  auto set = [&x](uint8_t value) {
    if (value > static_cast<uint8_t>(member_state::left))
      return false;
    x = static_cast<member_state>(value);
    return true;
  };
  return f.apply(get, set);
}

template <class Inspector>
bool inspect(Inspector& f, neighbour_info& x) {
  return f.object(x).fields(f.field("id", x.id),
                            f.field("latency_us", x.latency_us),
                            f.field("reliability", x.reliability));
}

template <class Inspector>
bool inspect(Inspector& f, member_info& x) {
  return f.object(x).fields(
    f.field("id", x.id), f.field("name", x.name), f.field("node", x.node),
    f.field("endpoints", x.endpoints), f.field("capabilities", x.capabilities),
    f.field("neighbours", x.neighbours), f.field("state", x.state),
    f.field("incarnation", x.incarnation));
}

template <class Inspector>
bool inspect(Inspector& f, gossip_digest& x) {
  return inspect_bytes(f, x, x.data);
}

template <class Inspector>
bool inspect(Inspector& f, gossip_records& x) {
  return inspect_bytes(f, x, x.data);
}

template <class Inspector>
bool inspect(Inspector& f, member_probe& x) {
  return inspect_bytes(f, x, x.data);
}

template <class Inspector>
bool inspect(Inspector& f, list_members& x) {
  return f.object(x).fields();
}

template <class Inspector>
bool inspect(Inspector& f, find_member& x) {
  return f.object(x).fields(f.field("id", x.id));
}

template <class Inspector>
bool inspect(Inspector& f, find_member_by_node& x) {
  return f.object(x).fields(f.field("node", x.node));
}

template <class Inspector>
bool inspect(Inspector& f, leave_cluster& x) {
  return f.object(x).fields();
}

template <class Inspector>
bool inspect(Inspector& f, member_change& x) {
  return f.object(x).fields(f.field("member", x.member));
}

} // namespace starling
