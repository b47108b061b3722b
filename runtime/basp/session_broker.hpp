#pragma once

#include "messages/bridge.hpp"
#include "messages/mesh.hpp"
#include "runtime/basp/flow_window.hpp"
#include "runtime/basp/handle_finder.hpp"
#include "runtime/basp/pending_requests.hpp"

#include <caf/byte_buffer.hpp>
#include <caf/io/basp_broker.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/node_id.hpp>

#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace starling::basp {

/// Runs CAF's distribution protocol (BASP) on authenticated streams instead of
/// sockets of its own. On the wire it is BASP as CAF writes it; what this class
/// adds is what BASP leaves open between nodes that do not trust each other:
///
/// - A stream's peer may name itself by one CAF node only, the one its
///   authenticated session announced; BASP messages that speak for another node
///   or want to be routed to one end the stream.
/// - A peer reaches the services named at attachment, actors that wrote to it,
///   and actors whose handles were sent to any peer, since that one may have
///   passed them on; the same holds for handles inside its messages.
/// - A peer ends, by exit messages or links, only actors whose handles were
///   sent to it directly; never a service, nor an actor that merely wrote to
///   it. Messages that CAF keeps for itself (errors, down messages, streams)
///   are no peer's to send.
/// - An answer is delivered to who asked that very node, or a peer could answer
///   in the name of another: CAF numbers requests in sequence and does not look
///   at who answers.
/// - A handle of a third node makes this node open a session of its own to that
///   node; messages wait (bounded) until it stands. The node that the handle
///   came from never carries them.
/// - Each destination actor has a window (see `flow_limits`); what goes beyond
///   waits here, bounded, and is then refused with `limit_reached`.
/// - CAF's spawn server and configuration server are out of reach.
class session_broker : public caf::io::basp_broker {
public:
  struct limits {
    flow_limits flow;
    /// Largest BASP payload accepted or sent, bytes.
    uint32_t payload_max = 10u << 20;
    /// Bytes that wait for one destination's window.
    size_t parked_bytes_max = 8u << 20;
    /// Bytes that wait for all windows of one stream.
    size_t stream_parked_bytes_max = 64u << 20;
    /// Messages that wait for a session to one node.
    size_t waiting_max = 1'000;
    /// Living actors one peer may be given.
    size_t reach_max = 200'000;
    /// Living actors of one peer that wrote to this node or are known to it.
    size_t proxies_max = 200'000;
    /// Requests to one node that wait for their answers.
    size_t requests_max = 1'000'000;
    /// Nodes for which messages wait.
    size_t nodes_waiting_max = 256;
  };

  explicit session_broker(caf::actor_config& cfg);

  const char* name() const override;

  void on_exit() override;

  caf::behavior make_behavior() override;

  caf::resumable::resume_result resume(caf::execution_unit* unit,
                                       size_t max_throughput) override;

  // -- what BASP asks of its surroundings -------------------------------------

  caf::byte_buffer& get_buffer(caf::io::connection_handle hdl) override;

  void flush(caf::io::connection_handle hdl) override;

  caf::strong_actor_ptr make_proxy(caf::node_id nid,
                                   caf::actor_id aid) override;

  void set_last_hop(caf::node_id* ptr) override;

  void proxy_announced(const caf::node_id& nid, caf::actor_id aid) override;

  void learned_new_node_directly(const caf::node_id& nid,
                                 bool was_indirect) override;

  void learned_new_node_indirectly(const caf::node_id& nid) override;

  /// Answers a request with an error; does nothing for other messages.
  static void bounce(const caf::strong_actor_ptr& origin, caf::message_id mid,
                     const caf::error& reason);

private:
  /// A message that has been written but may not go yet.
  struct parked_frame {
    caf::byte_buffer bytes;
    caf::strong_actor_ptr sender;
    caf::message_id mid;
  };

  /// An actor of the other node, as a destination.
  struct destination {
    send_window window;
    std::deque<parked_frame> parked;
    size_t parked_bytes = 0;
  };

  /// A message for a node to which a session is being opened.
  struct waiting_message {
    caf::strong_actor_ptr sender;
    std::vector<caf::strong_actor_ptr> stages;
    caf::strong_actor_ptr receiver;
    caf::message_id mid;
    caf::message content;
  };

  struct stream {
    uint64_t id = 0;
    stream_owner_actor owner;
    peer_id peer;
    caf::node_id node;
    bool up = false;
    bool dirty = false;
    bool failed = false;
    caf::byte_buffer out;
    caf::byte_buffer in;
    std::unordered_set<caf::actor_id> reach;
    std::unordered_set<caf::actor_id> services;
    /// The part of `reach` that the peer may end.
    std::unordered_set<caf::actor_id> given;
    /// Size of `reach` at which it is looked through for actors that ended.
    size_t reach_sweep = 1'024;
    pending_requests asked;
    std::vector<remote_service> offered;
    std::unordered_map<caf::actor_id, destination> destinations;
    std::unordered_map<caf::actor_id, receive_window> sources;
    size_t parked_bytes = 0;
    /// One-way messages for which there was no room, and how many of them were
    /// told of.
    uint64_t dropped = 0;
    uint64_t dropped_told = 0;
    /// Sizes at which the two maps are looked through for actors that ended.
    size_t destinations_sweep = 1'024;
    size_t sources_sweep = 1'024;
  };

  using handle = caf::io::connection_handle;

  // -- streams (session_broker.cpp) -------------------------------------------

  void attach(stream_attach& msg);
  void change_services(const stream_services& msg);
  void open_services(stream& which,
                     const std::vector<caf::strong_actor_ptr>& services);
  void announce_up(const stream& which);
  void detach(const stream_detach& msg);
  void fail(stream& which, ec code, std::string text);
  stream* find(uint64_t id);
  stream* find(const caf::node_id& node);
  void drain(stream& which);
  void drain_if_large(stream& which);
  void node_is_reachable(const caf::node_id& node);
  void node_is_unreachable(const caf::node_id& node, const caf::error& reason);

  // -- to other nodes (session_broker_outbound.cpp) ---------------------------

  void forward(caf::strong_actor_ptr& origin,
               const std::vector<caf::strong_actor_ptr>& stages,
               caf::strong_actor_ptr& receiver, caf::message_id mid,
               const caf::message& content);
  void wait_for_node(waiting_message msg);
  void open_session(const caf::node_id& node);
  void open_reach(stream& to, const caf::strong_actor_ptr& origin,
                  caf::span<const caf::byte> written,
                  const caf::message& content);
  void open_reach(stream& to, caf::actor_id actor);
  void lend(caf::actor_id actor);
  [[nodiscard]] bool may_reach(const stream& from, caf::actor_id actor) const;
  void park(stream& to, destination& where, parked_frame frame);
  void note_dropped(stream& to, uint64_t messages = 1);
  void tell_dropped(stream& to);
  destination& destination_of(stream& to, caf::actor_id actor);
  void take_credit(const stream_credit& credit);
  void watch(const caf::strong_actor_ptr& proxy);

  // -- from other nodes (session_broker_inbound.cpp) --------------------------

  void receive(stream_bytes& msg);
  size_t consume(stream& from, caf::span<const caf::byte> bytes);
  bool handle_frame(stream& from, caf::io::basp::header& hdr,
                    caf::span<const caf::byte> payload);
  bool speaks_for_itself(stream& from, const caf::io::basp::header& hdr,
                         caf::span<const caf::byte> payload);
  bool deliver(stream& from, const caf::io::basp::header& hdr,
               caf::span<const caf::byte> payload);
  caf::strong_actor_ptr origin_of(stream& from,
                                  const caf::io::basp::header& hdr);
  bool holds_what_it_sends(const stream& from,
                           caf::span<const caf::byte> payload,
                           const std::vector<caf::strong_actor_ptr>& stages,
                           const caf::message& content);
  bool may_end(const stream& from, caf::actor_id actor) const;
  bool is_not_for_peers(const stream& from, const caf::message& content,
                        caf::actor_id receiver) const;
  bool deliver_link(const stream& from, const caf::message& content,
                    const caf::strong_actor_ptr& receiver);
  void meter(stream& from, const caf::strong_actor_ptr& receiver,
             uint64_t bytes);
  receive_window& source_of(stream& from, caf::actor_id actor);

  limits limits_;
  handle_finder finder_;
  mesh_actor mesh_;
  std::unordered_map<uint64_t, stream> streams_;
  std::unordered_map<caf::node_id, uint64_t> by_node_;
  std::unordered_map<caf::node_id, std::deque<waiting_message>> waiting_;
  std::vector<uint64_t> dirty_;
  /// Actors whose handle was sent to any peer, which may have passed it on.
  std::unordered_set<caf::actor_id> lent_;
  size_t lent_sweep_ = 1'024;
  /// Where BASP writes a frame that has to be parked.
  caf::byte_buffer scratch_;
  bool to_scratch_ = false;
};

} // namespace starling::basp
