#pragma once

#include "actors/mesh/dial_list.hpp"
#include "actors/mesh/mesh_counters.hpp"
#include "actors/mesh/session_table.hpp"
#include "messages/bridge.hpp"
#include "messages/link.hpp"
#include "messages/membership.hpp"
#include "messages/mesh.hpp"
#include "messages/peer.hpp"
#include "messages/router.hpp"
#include "runtime/event_loop/bare_broker.hpp"
#include "runtime/flow/token_bucket.hpp"
#include "runtime/node_context.hpp"
#include "runtime/session/session_context.hpp"

#include <caf/response_promise.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace starling::mesh {

/// Spawns the actor that owns one session; given by the node, so that this role
/// does not know the other's implementation.
struct peer_request {
  uint64_t session = 0;
  bool dialled = false;
  link_actor link;
  std::string address;
  bool relayed = false;
  std::optional<peer_id> expected;
  peer_owner_actor owner;
  std::vector<std::string> endpoints;
  std::vector<named_service> services;
};

struct session_mesh_options {
  node_context* node = nullptr;
  bridge_actor bridge;
  std::function<peer_actor(const peer_request&)> spawn_peer;
  /// By scheme of the address, e.g. "tcp".
  std::map<std::string, transport_actor> transports;
  std::vector<std::string> listen;
  /// Where nodes are dialled that somebody here wants to talk to.
  dial_list dial;
  /// Asked about each authenticated peer after its session offered itself; says
  /// why it is shut out, or nothing.
  std::function<std::optional<std::string>(const peer_id&)> is_blocked;
  std::function<void(const peer_id&, std::string)> block;
  std::function<void(const peer_id&)> unblock;
  /// Says whether the node has room for another peer; empty: always. Errors:
  /// limit_reached.
  std::function<result<void>()> admit;
  /// Takes what a sponsor answered to a join token.
  std::function<void(const caf::byte_buffer&)> joined;
  session_limits limits;
  caf::timespan connection_timeout = std::chrono::seconds{30};
};

/// Keeps the sessions of a node: listens, dials, decides which of two sessions
/// to the same node stays, and tells others who is there.
///
/// Runs inside the multiplexer's thread, where the sessions' admission policy
/// lives too.
class session_mesh : public event_loop::bare_broker {
public:
  session_mesh(caf::actor_config& cfg, session_mesh_options opts);

  const char* name() const override;

  caf::behavior make_behavior() override;

  void on_exit() override;

private:
  using services_promise = caf::typed_response_promise<peer_services>;

  /// What belongs to one session beside its entry in the table.
  struct session_actors {
    peer_actor peer;
    peer_services services;
    /// The CAF node that the peer says it is, once it was taken in.
    caf::node_id offered;
    std::vector<services_promise> waiting;
    /// The node that the session was opened for, and other ways to try.
    std::optional<peer_id> wanted;
    std::vector<std::string> other_addresses;
  };

  // -- messages ---------------------------------------------------------------

  caf::result<mesh_addresses> start(start_mesh& msg);
  caf::result<peer_services> connect(connect_address& msg);
  caf::result<peer_services> connect(const connect_peer& msg);
  caf::result<peer_services> connect(const connect_node& msg);
  caf::result<caf::strong_actor_ptr> find(const find_service& msg);
  caf::result<std::vector<peer_status>> list();
  caf::result<void> disconnect(const disconnect_peer& msg);
  caf::result<void> send_on(send_packet& msg);
  void block(const block_peer& msg);
  void subscribe(const mesh_listener_actor& listener);
  void accept(link_opened& msg);
  caf::result<bool> judge(const session_offer& msg);
  void is_ready(session_ready& msg);
  void has_ended(const session_ended& msg);

  // -- internals --------------------------------------------------------------

  void listen_next(size_t index,
                   caf::typed_response_promise<mesh_addresses> answer);
  transport_actor transport_for(const std::string& address) const;
  void dial(const std::string& address, std::optional<peer_id> expected,
            std::function<void(session_actors&)> opened,
            std::function<void(const caf::error&)> failed);
  session_actors& open(const link_opened& msg, bool relayed,
                       std::optional<peer_id> expected);
  void end(uint64_t session, caf::error reason);
  void attempt(const peer_id& id);
  void attempt_addresses(const peer_id& id, std::vector<std::string> addresses);
  void attempt_relay(const peer_id& id);
  void give_up(const peer_id& id, const caf::error& reason);
  void forget(uint64_t session, const caf::error& reason);
  void tell_up(const mesh_listener_actor& listener, uint64_t session);
  void note(const messages_dropped& msg);
  void audit_refusal(const session_entry& entry, const caf::error& reason);

  session_mesh_options opts_;
  session_table table_;
  mesh_counters counters_;
  std::map<uint64_t, session_actors> actors_;
  /// Who waits for a session to a node, however it comes about.
  std::map<peer_id, std::vector<services_promise>> wanted_;
  std::vector<named_service> services_;
  std::vector<std::string> endpoints_;
  std::vector<mesh_listener_actor> listeners_;
  /// Refused strangers that the audit log hears of, and how many it did not
  /// since the last one.
  flow::token_bucket refusals_;
  uint64_t refusals_untold_ = 0;
  bool listening_ = false;
  uint64_t next_session_ = 1;
};

} // namespace starling::mesh
