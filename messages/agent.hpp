#pragma once

#include "messages/detector.hpp"
#include "messages/error.hpp"
#include "messages/type_id_blocks.hpp"
#include "messages/zone.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/result.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace starling {

struct agent_report;
struct agent_ring;
struct agent_status;
struct agent_stream;
struct describe_behaviour;
struct behaviour_description;
struct fetch_rows;
struct query_agent;
struct work_items;
struct work_receipt;

/// Role: knows an agent's recorded behaviour, row by row.
using behaviour_source_actor = caf::typed_actor<
  // Returns what there is. Errors: file_error, malformed_input, limit_reached.
  caf::result<behaviour_description>(describe_behaviour),
  // Returns rows from `first` on, at most as many as asked for, all of one
  // kind. Errors: as above; invalid_option beyond the end.
  caf::result<behaviour_rows>(fetch_rows)>;

/// Role: is told how agents get on.
using agent_listener_actor = caf::typed_actor<
  // Rows were streamed, work was done, or something failed.
  caf::result<void>(agent_report)>;

/// Role: behaves, is watched, and works with other agents.
using agent_actor = caf::typed_actor<
  // Names the other agents and who judges them; again after a change. Errors:
  // invalid_option.
  caf::result<void>(agent_ring),
  // Streams the behaviour to a detector, from row 0. Errors: wrong_state (no
  // ring yet).
  caf::result<void>(agent_stream),
  // Work from another agent, who is refused where it is cut off. Errors:
  // unknown_name (no agent of the ring), limit_reached.
  caf::result<work_receipt>(work_items),
  // As a zone listener.
  caf::result<void>(zone_changed), caf::result<void>(zone_horizon),
  // Returns what the agent is doing.
  caf::result<agent_status>(query_agent)>;

} // namespace starling

CAF_BEGIN_TYPE_ID_BLOCK(starling_agent, starling::type_id_block::agent)

  CAF_ADD_TYPE_ID(starling_agent, (starling::agent_actor))
  CAF_ADD_TYPE_ID(starling_agent, (starling::agent_listener_actor))
  CAF_ADD_TYPE_ID(starling_agent, (starling::agent_report))
  CAF_ADD_TYPE_ID(starling_agent, (starling::agent_ring))
  CAF_ADD_TYPE_ID(starling_agent, (starling::agent_status))
  CAF_ADD_TYPE_ID(starling_agent, (starling::agent_stream))
  CAF_ADD_TYPE_ID(starling_agent, (starling::behaviour_description))
  CAF_ADD_TYPE_ID(starling_agent, (starling::behaviour_source_actor))
  CAF_ADD_TYPE_ID(starling_agent, (starling::describe_behaviour))
  CAF_ADD_TYPE_ID(starling_agent, (starling::fetch_rows))
  CAF_ADD_TYPE_ID(starling_agent, (starling::query_agent))
  CAF_ADD_TYPE_ID(starling_agent, (starling::work_items))
  CAF_ADD_TYPE_ID(starling_agent, (starling::work_receipt))

CAF_END_TYPE_ID_BLOCK(starling_agent)

namespace starling {

struct describe_behaviour {};

struct behaviour_description {
  /// Names of the features.
  std::vector<std::string> features;
  uint64_t training_rows = 0;
  /// Rows after those.
  uint64_t live_rows = 0;
  /// What it declares to be: agents of one kind are compared with each other.
  std::string kind{};
};

struct fetch_rows {
  /// Place in the stream, training rows included, from 0.
  uint64_t first = 0;
  /// 1 to `batch_rows_max`.
  uint32_t rows = 0;
};

/// One agent of the ring.
struct ring_member {
  std::string name;
  agent_actor agent;
};

struct agent_ring {
  /// The member that the receiver is.
  uint32_t self = 0;
  /// In the order of the ring.
  std::vector<ring_member> members;
  /// Those who judge the members.
  std::vector<zone_keeper_actor> keepers;
  agent_listener_actor listener;
  /// The agent ends with this actor; may be empty.
  caf::strong_actor_ptr owner;
};

struct agent_stream {
  behaviour_source_actor source;
  detector_actor detector;
  /// Work for rows before this one has been done already.
  uint64_t work_from = 0;
  /// Comes back in reports, so that late ones can be told.
  uint32_t attempt = 0;
};

/// Work for other agents, one item a row.
struct work_items {
  /// Name of the agent that sends it.
  std::string from;
  /// The row that the first item belongs to, counted as in `score_batch`.
  uint64_t first = 0;
  uint32_t rows = 0;
};

struct work_receipt {
  uint32_t accepted = 0;
  /// Items of rows at which the sender was cut off.
  uint32_t refused = 0;
};

/// What became of an agent's work, in items.
struct work_tally {
  /// Taken by the next agent of the ring.
  uint64_t delivered = 0;
  /// Taken by one further on, since the next one is cut off or gone.
  uint64_t rerouted = 0;
  /// Refused, since the sender is cut off.
  uint64_t refused = 0;
  /// Nobody was left to take it.
  uint64_t dropped = 0;

  [[nodiscard]] uint64_t total() const {
    return delivered + rerouted + refused + dropped;
  }
};

/// From some row on, work goes elsewhere.
struct route_change {
  uint64_t row = 0;
  /// Name of an agent; empty for nobody.
  std::string from;
  std::string to;
};

struct agent_report {
  std::string subject;
  /// As in the last `agent_stream`.
  uint32_t attempt = 0;
  /// Rows that the detector has taken, training rows included.
  uint64_t rows_streamed = 0;
  /// Bytes of behaviour sent to another process since the last report, payload
  /// only.
  uint64_t bytes_sent = 0;
  /// Rows whose work is done; see `agent_stream::work_from`.
  uint64_t work_rows = 0;
  /// Since the last report.
  work_tally work;
  std::vector<route_change> routes;
  /// All rows are streamed and all work is done.
  bool finished = false;
  /// The agent can't go on without a new `agent_stream`.
  caf::error failed;
};

struct query_agent {};

struct agent_status {
  std::string subject;
  uint64_t rows_streamed = 0;
  uint64_t work_rows = 0;
  /// Since the agent was spawned.
  work_tally work;
  /// Zone as far as the agent knows.
  trust_zone zone = trust_zone::trusted;
};

template <class Inspector>
bool inspect(Inspector& f, describe_behaviour& x) {
  return f.object(x).fields();
}

template <class Inspector>
bool inspect(Inspector& f, behaviour_description& x) {
  return f.object(x).fields(
    f.field("features", x.features), f.field("training_rows", x.training_rows),
    f.field("live_rows", x.live_rows), f.field("kind", x.kind));
}

template <class Inspector>
bool inspect(Inspector& f, fetch_rows& x) {
  return f.object(x).fields(f.field("first", x.first), f.field("rows", x.rows));
}

template <class Inspector>
bool inspect(Inspector& f, ring_member& x) {
  return f.object(x).fields(f.field("name", x.name), f.field("agent", x.agent));
}

template <class Inspector>
bool inspect(Inspector& f, agent_ring& x) {
  return f.object(x).fields(
    f.field("self", x.self), f.field("members", x.members),
    f.field("keepers", x.keepers), f.field("listener", x.listener),
    f.field("owner", x.owner));
}

template <class Inspector>
bool inspect(Inspector& f, agent_stream& x) {
  return f.object(x).fields(
    f.field("source", x.source), f.field("detector", x.detector),
    f.field("work_from", x.work_from), f.field("attempt", x.attempt));
}

template <class Inspector>
bool inspect(Inspector& f, work_items& x) {
  return f.object(x).fields(f.field("from", x.from), f.field("first", x.first),
                            f.field("rows", x.rows));
}

template <class Inspector>
bool inspect(Inspector& f, work_receipt& x) {
  return f.object(x).fields(f.field("accepted", x.accepted),
                            f.field("refused", x.refused));
}

template <class Inspector>
bool inspect(Inspector& f, work_tally& x) {
  return f.object(x).fields(
    f.field("delivered", x.delivered), f.field("rerouted", x.rerouted),
    f.field("refused", x.refused), f.field("dropped", x.dropped));
}

template <class Inspector>
bool inspect(Inspector& f, route_change& x) {
  return f.object(x).fields(f.field("row", x.row), f.field("from", x.from),
                            f.field("to", x.to));
}

template <class Inspector>
bool inspect(Inspector& f, agent_report& x) {
  return f.object(x).fields(
    f.field("subject", x.subject), f.field("attempt", x.attempt),
    f.field("rows_streamed", x.rows_streamed),
    f.field("bytes_sent", x.bytes_sent), f.field("work_rows", x.work_rows),
    f.field("work", x.work), f.field("routes", x.routes),
    f.field("finished", x.finished), f.field("failed", x.failed));
}

template <class Inspector>
bool inspect(Inspector& f, query_agent& x) {
  return f.object(x).fields();
}

template <class Inspector>
bool inspect(Inspector& f, agent_status& x) {
  return f.object(x).fields(f.field("subject", x.subject),
                            f.field("rows_streamed", x.rows_streamed),
                            f.field("work_rows", x.work_rows),
                            f.field("work", x.work), f.field("zone", x.zone));
}

} // namespace starling
