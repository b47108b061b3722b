#pragma once

#include "actors/peer/frame_compressor.hpp"
#include "actors/peer/peer_control.hpp"
#include "actors/peer/send_scheduler.hpp"
#include "messages/bridge.hpp"
#include "messages/link.hpp"
#include "messages/peer.hpp"
#include "messages/router.hpp"
#include "runtime/event_loop/bare_broker.hpp"
#include "runtime/flow/shared_rate.hpp"
#include "runtime/resources/resource_state.hpp"
#include "runtime/session/secure_session.hpp"
#include "runtime/wire/frame.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace starling::peer {

struct session_peer_options {
  /// Unique on this node for ever; also names the BASP stream.
  uint64_t session = 0;
  session::role side = session::role::initiator;
  link_actor link;
  /// For people, e.g. "tcp://127.0.0.1:4711".
  std::string address;
  bool relayed = false;
  std::shared_ptr<const session::session_context> context;
  /// The only peer an initiator accepts.
  std::optional<peer_id> expected;
  peer_owner_actor owner;
  bridge_actor bridge;
  /// Says who takes a packet that came in; asked each time, since a router that
  /// failed is replaced. May be empty, or return no one.
  std::function<packet_handler_actor()> packets;
  /// What this node says of itself.
  std::string name;
  std::vector<std::string> endpoints;
  std::vector<named_service> services;
  /// Time between two signs of life.
  std::chrono::milliseconds heartbeat_interval = std::chrono::seconds{60};
  /// Unanswered signs of life in a row after which the peer counts as gone.
  uint32_t heartbeats_missed_max = 3;
  /// Whether packets and the BASP stream are compressed, if the peer wants that
  /// too.
  bool compression = false;
  /// Longest payload of a frame, also once it is restored, bytes. Holds the
  /// largest packet with its headers.
  size_t frame_max = 10'100'000;
  /// Above this many bytes in the link all waits but control.
  size_t link_high_water = 1u << 20;
  /// Bytes that wait for the link or the bandwidth. Packets beyond are refused;
  /// more of the BASP stream ends the session, as nothing of it may be lost.
  size_t held_max = 128u << 20;
  /// The rate that all sessions of the node share; none on a relayed link,
  /// whose bytes are packets of another session. Outlives the actor, and is
  /// used in the event loop's thread only.
  flow::shared_rate* bandwidth = nullptr;
  /// Says whether the peer gets credit for what was worked off; none: always.
  /// Outlives the actor.
  const resources::resource_state* resources = nullptr;
  /// How long credit is delayed, and how often it is looked whether credit that
  /// is withheld may go.
  std::chrono::milliseconds credit_pause = std::chrono::seconds{1};
};

/// Owns the session to one node and what travels on it: control messages,
/// packets and the BASP stream, in that order of urgency. Control counts
/// towards the bandwidth, but never waits for it.
///
/// Runs inside the multiplexer's thread like its link and the BASP broker, so
/// that bytes pass from one to the next without waking another thread.
class session_peer : public event_loop::bare_broker,
                     private session::session_events {
public:
  session_peer(caf::actor_config& cfg, session_peer_options opts);

  const char* name() const override;

  caf::behavior make_behavior() override;

  void on_exit() override;

  caf::resumable::resume_result resume(caf::execution_unit* unit,
                                       size_t max_throughput) override;

private:
  enum class stage { handshake, hello, offered, attached, up, ended };

  // -- what the session says --------------------------------------------------

  void on_established(const session::peer_info& peer) override;
  void on_payload(std::span<const uint8_t> bytes) override;
  void on_closed() override;

  // -- messages ---------------------------------------------------------------

  void receive(link_bytes& msg);
  void link_has_drained(const link_drained& msg);
  void link_has_closed(const link_closed& msg);
  void stream_is_up(stream_up& msg);
  void change_services(update_services& msg);
  void end(const caf::error& reason);
  caf::result<peer_status> status() const;

  // -- internals --------------------------------------------------------------

  void start();
  void take_frame(const wire::frame_view& frame);
  void take_compressed(wire::frame_view frame);
  void take_control(std::span<const uint8_t> bytes);
  void take(const hello& msg);
  void take(const changed_services& msg);
  void take(const ping& msg);
  void take(const pong& msg);
  void take(const actor_credit& msg);
  void take(const goodbye& msg);
  void attach(const hello& msg);
  static std::vector<offered_service>
  offer(const std::vector<named_service>& services);
  static std::vector<remote_service>
  remote(const std::vector<offered_service>& services);
  static std::vector<caf::strong_actor_ptr>
  handles(const std::vector<named_service>& services);
  void check(const result<void>& outcome);
  void stop(caf::error reason);
  void schedule();
  void wake();
  void beat(std::chrono::steady_clock::time_point now);

  // -- what leaves (session_peer_output.cpp) ----------------------------------

  void send_stream(stream_bytes& msg);
  caf::result<void> send_one_packet(send_packet& msg);
  void send_control(const control_message& msg);
  void give_credit(const stream_credit& msg);
  void give_held_credit();
  [[nodiscard]] bool compresses() const;
  template <class Emit>
  void cut_stream(std::span<const uint8_t> bytes, size_t longest, Emit emit);
  [[nodiscard]] bool may_pass(size_t bytes);
  void release_waiting();
  bool take_turn();
  void flush_output();

  session_peer_options opts_;
  session::secure_session session_;
  wire::frame_reader frames_;
  frame_compressor compressor_;
  /// Most packets are sealed or signed; that they don't shrink says nothing of
  /// the stream.
  frame_compressor packet_compressor_;
  frame_expander expander_;
  stage stage_ = stage::handshake;
  bool link_ended_ = false;
  std::optional<hello> peer_hello_;
  /// Why the session has to end once the present message is done.
  /// The other side has said something that belongs into a handshake.
  bool heard_ = false;
  std::optional<caf::error> stopping_;
  /// Stream bytes that came in with the present message.
  caf::byte_buffer inbound_;
  std::vector<uint8_t> outbound_;
  send_scheduler waiting_;
  size_t link_waiting_ = 0;
  /// Credit that has to wait, running totals by actor.
  std::map<caf::actor_id, uint64_t> held_credit_;
  /// Bytes that the bandwidth lets pass and that were not sent yet.
  uint64_t allowance_ = 0;
  /// A turn is paid for and its time is to come.
  bool awaits_turn_ = false;
  // Signs of life.
  uint64_t ping_number_ = 0;
  uint32_t missed_ = 0;
  std::chrono::steady_clock::time_point ping_sent_;
  std::chrono::steady_clock::time_point next_beat_;
  std::chrono::nanoseconds round_trip_{0};
};

} // namespace starling::peer
