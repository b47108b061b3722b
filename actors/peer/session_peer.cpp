#include "actors/peer/session_peer.hpp"

#include "actors/peer/session_peer_channels.hpp"
#include "runtime/basp/node_name.hpp"
#include "runtime/outlive_refusals.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace starling::peer {

namespace {

/// Frames wait whole, and a frame of the stream fits into a record.
send_scheduler::options queue_options(const session_peer_options& opts) {
  auto result = send_scheduler::options{};
  result.streams_max = 1;
  result.queue_bytes_max = opts.held_max;
  result.total_bytes_max = opts.held_max;
  result.portion_max = piece_max(*opts.context) + wire::frame_header_size;
  return result;
}

} // namespace

session_peer::session_peer(caf::actor_config& cfg, session_peer_options opts)
  : event_loop::bare_broker{cfg},
    opts_{std::move(opts)},
    session_{opts_.side, opts_.context, opts_.expected, system().clock().now()},
    frames_{
      {.frame_max = opts_.frame_max,
       .flags_allowed = opts_.compression ? frame_compressed : uint8_t{0}}},
    expander_{opts_.frame_max},
    waiting_{queue_options(opts_)} {
  // The first stream of a new queue.
  [[maybe_unused]] auto opened
    = waiting_.open(basp_channel, basp_priority, send_window::credit_max);
}

const char* session_peer::name() const {
  return "starling.peer.session";
}

caf::behavior session_peer::make_behavior() {
  outlive_refusals(*this);
  set_down_handler([this](const caf::down_msg& down) {
    link_ended_ = link_ended_ || down.source == opts_.link.address();
    stop(caf::make_error(ec::connection_closed, "an actor below ended"));
  });
  start();
  return {
    [this](link_bytes& msg) { receive(msg); },
    [this](const link_drained& msg) { link_has_drained(msg); },
    [this](const link_closed& msg) { link_has_closed(msg); },
    [this](stream_bytes& msg) { send_stream(msg); },
    [this](const stream_credit& msg) { give_credit(msg); },
    [this](stream_up& msg) { stream_is_up(msg); },
    [this](const stream_failed& msg) { stop(msg.reason); },
    [this](send_packet& msg) { return send_one_packet(msg); },
    [this](update_services& msg) { change_services(msg); },
    [this](const end_session& msg) { end(msg.reason); },
    [this](const query_session&) { return status(); },
  };
}

void session_peer::on_exit() {
  opts_.link = nullptr;
  opts_.owner = nullptr;
  opts_.bridge = nullptr;
  opts_.packets = nullptr;
  opts_.services.clear();
}

caf::resumable::resume_result session_peer::resume(caf::execution_unit* unit,
                                                   size_t max_throughput) {
  auto result = caf::io::broker::resume(unit, max_throughput);
  if (stage_ == stage::ended)
    return result;
  flush_output();
  // Only a message handler can end an actor.
  if (stopping_)
    caf::anon_send(caf::actor_cast<caf::actor>(this),
                   end_session{*std::exchange(stopping_, {})});
  return result;
}

// -- what the session says ----------------------------------------------------

void session_peer::on_established(const session::peer_info&) {
  stage_ = stage::hello;
  send_control(hello{to_string(system().node()), opts_.name, opts_.endpoints,
                     offer(opts_.services),
                     opts_.compression ? compression_lz4 : uint8_t{0}});
}

void session_peer::on_payload(std::span<const uint8_t> bytes) {
  if (!stopping_)
    check(frames_.feed(bytes, [this](const wire::frame_view& frame) {
      if (frame.flags == 0)
        take_frame(frame);
      else
        take_compressed(frame);
    }));
}

void session_peer::on_closed() {
  // Why the other side ends the session came just before, if it said so.
  stop(stopping_ ? *std::exchange(stopping_, {}) : caf::error{});
}

// -- messages -----------------------------------------------------------------

void session_peer::receive(link_bytes& msg) {
  check(session_.receive(bytes_of(msg.data), clock().now(), *this));
  // What comes before this side is attached waits, see `attach`.
  if (!inbound_.empty() && (stage_ == stage::attached || stage_ == stage::up)) {
    auto data = caf::byte_buffer{};
    data.swap(inbound_);
    send(opts_.bridge, stream_bytes{opts_.session, std::move(data)});
  }
  // An acceptor speaks only when it was spoken to in the right way.
  if (!heard_ && !stopping_ && !session_.output().empty()) {
    heard_ = true;
    if (opts_.side == session::role::responder)
      send(opts_.owner, session_heard{opts_.session});
  }
  if (stopping_)
    stop(std::move(*stopping_));
}

void session_peer::link_has_drained(const link_drained& msg) {
  link_waiting_ = msg.waiting;
  release_waiting();
}

void session_peer::link_has_closed(const link_closed& msg) {
  link_ended_ = true;
  if (auto ended = session_.end_of_stream(); !ended && !msg.reason)
    stop(to_error(ended.error()));
  else
    stop(msg.reason);
}

void session_peer::stream_is_up(stream_up& msg) {
  if (stage_ != stage::attached && stage_ != stage::up)
    return;
  stage_ = stage::up;
  auto node = caf::node_id{};
  [[maybe_unused]] auto parsed = caf::parse(peer_hello_->node, node);
  send(opts_.owner,
       session_ready{opts_.session,
                     peer_services{session_.peer().id, peer_hello_->name, node,
                                   std::move(msg.services)},
                     peer_hello_->endpoints});
}

void session_peer::change_services(update_services& msg) {
  opts_.services = std::move(msg.services);
  if (stage_ != stage::attached && stage_ != stage::up)
    return;
  send(opts_.bridge,
       stream_services{opts_.session, handles(opts_.services), {}});
  send_control(changed_services{offer(opts_.services)});
}

void session_peer::end(const caf::error& reason) {
  if (session_.established())
    send_control(goodbye{to_string(reason)});
  stop(reason);
}

caf::result<peer_status> session_peer::status() const {
  if (stage_ != stage::up)
    return caf::make_error(ec::wrong_state, "session is not established");
  const auto& peer = session_.peer();
  const auto& stats = session_.stats();
  auto node = caf::node_id{};
  [[maybe_unused]] auto parsed = caf::parse(peer_hello_->node, node);
  return peer_status{
    peer.id,
    peer_hello_->name,
    opts_.address,
    node,
    peer.group == session::secp384r1_ml_kem_1024 ? "SECP384R1_ML_KEM_1024"
                                                 : "X25519_ML_KEM_768",
    opts_.side == session::role::initiator,
    opts_.relayed,
    stats.payload_bytes_in,
    stats.payload_bytes_out,
    stats.rotations_in + stats.rotations_out,
    static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(round_trip_)
        .count())};
}

// -- frames -------------------------------------------------------------------

void session_peer::take_frame(const wire::frame_view& frame) {
  if (stopping_)
    return;
  const auto is_data = frame.kind == wire::frame_kind::data;
  if (frame.channel == basp_channel && is_data
      && (stage_ == stage::attached || stage_ == stage::up))
    append(inbound_, frame.payload);
  else if (frame.channel == control_channel && is_data)
    take_control(frame.payload);
  else if (frame.channel == packet_channel
           && frame.kind == wire::frame_kind::packet && peer_hello_) {
    auto msg = mesh_packet{session_.peer().id, {}};
    append(msg.packet, frame.payload);
    if (auto handler = opts_.packets ? opts_.packets() : packet_handler_actor{})
      send(handler, std::move(msg));
  } else if (stage_ == stage::offered && frame.channel == basp_channel
             && is_data)
    // Its owner has not answered yet whether the session may go on.
    append(inbound_, frame.payload);
  else
    stopping_ = caf::make_error(ec::protocol_violation,
                                "unexpected frame on channel "
                                  + std::to_string(frame.channel));
}

/// @pre flags that nobody agreed on end in the reader.
void session_peer::take_compressed(wire::frame_view frame) {
  if (stopping_)
    return;
  if (!peer_hello_ || frame.channel == control_channel) {
    stopping_ = caf::make_error(ec::protocol_violation,
                                "compressed frame on channel "
                                  + std::to_string(frame.channel)
                                  + ", where none may be");
    return;
  }
  const auto restored = expander_.expand(frame.payload);
  if (!restored) {
    stopping_ = to_error(restored.error());
    return;
  }
  frame.flags = 0;
  frame.payload = *restored;
  take_frame(frame);
}

void session_peer::take_control(std::span<const uint8_t> bytes) {
  auto msg = decode_control(bytes);
  if (!msg) {
    stopping_ = to_error(msg.error());
    return;
  }
  if (!peer_hello_ && !std::holds_alternative<hello>(*msg)) {
    stopping_
      = caf::make_error(ec::protocol_violation, "control message before hello");
    return;
  }
  std::visit([this](const auto& content) { take(content); }, *msg);
}

void session_peer::take(const hello& msg) {
  auto node = caf::node_id{};
  if (peer_hello_ || stage_ != stage::hello) {
    stopping_ = caf::make_error(ec::protocol_violation, "second hello");
    return;
  }
  if (caf::parse(msg.node, node) || node == system().node()) {
    stopping_ = caf::make_error(ec::protocol_violation,
                                "hello names no other CAF node: " + msg.node);
    return;
  }
  if (!basp::is_name_of(node, session_.peer().id)) {
    stopping_ = caf::make_error(
      ec::protocol_violation,
      "hello names a CAF node that is not the peer's: " + msg.node);
    return;
  }
  peer_hello_ = msg;
  stage_ = stage::offered;
  auto offered = session_offer{opts_.session, session_.peer().id, node, {}};
  append(offered.reply, session_.peer().reply);
  request(opts_.owner, caf::infinite, std::move(offered))
    .then(
      [this](bool accepted) {
        if (accepted)
          attach(*peer_hello_);
        else
          end(caf::make_error(ec::duplicate_name,
                              "another session serves this pair of nodes"));
      },
      [this](const caf::error& reason) { end(reason); });
}

void session_peer::attach(const hello& msg) {
  if (stage_ != stage::offered)
    return;
  stage_ = stage::attached;
  auto attachment = stream_attach{};
  attachment.stream = opts_.session;
  attachment.owner = caf::actor_cast<stream_owner_actor>(this);
  attachment.peer = session_.peer().id;
  [[maybe_unused]] auto parsed = caf::parse(msg.node, attachment.node);
  attachment.initiator = opts_.side == session::role::initiator;
  attachment.services = handles(opts_.services);
  attachment.offered = remote(msg.services);
  send(opts_.bridge, std::move(attachment));
  if (!inbound_.empty())
    send(opts_.bridge,
         stream_bytes{opts_.session, std::exchange(inbound_, {})});
}

void session_peer::take(const changed_services& msg) {
  if (stage_ == stage::attached || stage_ == stage::up)
    send(opts_.bridge,
         stream_services{opts_.session, {}, remote(msg.services)});
}

void session_peer::take(const ping& msg) {
  send_control(pong{msg.number});
}

void session_peer::take(const pong& msg) {
  if (msg.number != ping_number_ || missed_ == 0)
    return;
  missed_ = 0;
  const auto sample = clock().now() - ping_sent_;
  // Smoothed as in RFC 6298, section 2.
  round_trip_
    = round_trip_.count() == 0 ? sample : (7 * round_trip_ + sample) / 8;
}

void session_peer::take(const actor_credit& msg) {
  send(opts_.bridge, stream_credit{opts_.session, msg.actor, msg.consumed});
}

void session_peer::take(const goodbye& msg) {
  stopping_ = caf::make_error(ec::connection_closed,
                              "the peer ended the session: " + msg.reason);
}

// -- internals ----------------------------------------------------------------

void session_peer::start() {
  const auto now = clock().now();
  next_beat_ = now + opts_.heartbeat_interval;
  monitor(opts_.link);
  send(opts_.link, link_open{caf::actor_cast<link_listener_actor>(this)});
  check(session_.start());
  if (stopping_)
    stop(std::move(*stopping_));
  else
    schedule();
}

std::vector<offered_service>
session_peer::offer(const std::vector<named_service>& services) {
  auto result = std::vector<offered_service>{};
  for (const auto& service : services)
    result.push_back({service.name, service.actor->id()});
  return result;
}

std::vector<remote_service>
session_peer::remote(const std::vector<offered_service>& services) {
  auto result = std::vector<remote_service>{};
  for (const auto& service : services)
    result.push_back({service.name, service.actor});
  return result;
}

std::vector<caf::strong_actor_ptr>
session_peer::handles(const std::vector<named_service>& services) {
  auto result = std::vector<caf::strong_actor_ptr>{};
  for (const auto& service : services)
    result.push_back(service.actor);
  return result;
}

/// Notes a failure; the caller may be inside the session.
void session_peer::check(const result<void>& outcome) {
  if (!outcome && !stopping_)
    stopping_ = to_error(outcome.error());
}

void session_peer::stop(caf::error reason) {
  if (std::exchange(stage_, stage::ended) == stage::ended)
    return;
  if (!link_ended_) {
    if (session_.established() && !session_.error())
      session_.close();
    flush_output();
    // Whoever has said nothing, or nonsense, is owed no orderly end, which
    // would hold a socket open until the other side ends too.
    if (heard_ || opts_.relayed || opts_.side == session::role::initiator
        || reason == ec::negotiation_failed)
      send(opts_.link, link_close{});
    else
      send_exit(opts_.link, caf::exit_reason::kill);
  }
  send(opts_.bridge, stream_detach{opts_.session, reason});
  send(opts_.owner, session_ended{opts_.session, std::move(reason)});
  quit();
}

void session_peer::schedule() {
  const auto now = clock().now();
  auto due = next_beat_;
  if (auto deadline = session_.next_deadline())
    due = std::min(due, *deadline);
  // Not more often than needed, however busy the session.
  const auto wait = std::max<std::chrono::nanoseconds>(
    due - now, std::chrono::milliseconds{1});
  run_delayed(wait, [this] { wake(); });
}

void session_peer::wake() {
  if (stage_ == stage::ended)
    return;
  const auto now = clock().now();
  check(session_.tick(now));
  if (now >= next_beat_)
    beat(now);
  if (stopping_)
    stop(std::move(*stopping_));
  else
    schedule();
}

void session_peer::beat(std::chrono::steady_clock::time_point now) {
  next_beat_ = now + opts_.heartbeat_interval;
  if (!session_.established())
    return;
  if (missed_ >= opts_.heartbeats_missed_max) {
    stopping_
      = caf::make_error(ec::timed_out, "the peer gives no sign of life");
    return;
  }
  if (missed_++ == 0)
    ping_sent_ = now;
  send_control(ping{++ping_number_});
}

} // namespace starling::peer
