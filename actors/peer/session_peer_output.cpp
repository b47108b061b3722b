// What leaves a session: at once where link and bandwidth allow it, else in
// turn.

#include "actors/peer/session_peer.hpp"
#include "actors/peer/session_peer_channels.hpp"
#include "runtime/basp/message_size.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace starling::peer {

namespace {

/// Output that goes to the link before more is added: a buffer that grows far
/// is copied each time it does.
constexpr size_t output_flush = 64 * 1024;

} // namespace

void session_peer::send_stream(stream_bytes& msg) {
  const auto bytes = bytes_of(msg.data);
  if (may_pass(bytes.size())) {
    cut_stream(bytes, piece_max(*opts_.context), [this](const auto& frame) {
      check(session_.send(frame, clock().now()));
      if (session_.output().size() >= output_flush)
        flush_output();
    });
    return;
  }
  auto longest = piece_max(*opts_.context);
  if (opts_.bandwidth)
    longest = std::min<size_t>(longest, opts_.bandwidth->turn());
  cut_stream(bytes, longest, [this](const auto& frame) {
    if (auto queued = waiting_.push(basp_channel, frame); !queued && !stopping_)
      stopping_ = caf::make_error(
        ec::limit_reached, "the link to the peer takes too little, or [limits] "
                           "bandwidth is too low for what is sent: "
                             + queued.error().text);
  });
  if (stopping_)
    stop(std::move(*stopping_));
  else
    release_waiting();
}

caf::result<void> session_peer::send_one_packet(send_packet& msg) {
  if (stage_ != stage::up && stage_ != stage::attached)
    return caf::make_error(ec::wrong_state, "session is not established");
  const auto bytes = bytes_of(msg.packet);
  if (bytes.empty())
    return caf::make_error(ec::malformed_input, "a packet of no bytes");
  const auto small
    = compresses() ? packet_compressor_.compress(bytes) : std::nullopt;
  outbound_.clear();
  wire::append_frame(outbound_, packet_channel, wire::frame_kind::packet,
                     small ? frame_compressed : uint8_t{0},
                     small.value_or(bytes));
  if (may_pass(outbound_.size())) {
    check(session_.send(outbound_, clock().now()));
    return caf::unit;
  }
  auto queued = waiting_.push_packet(packet_priority, outbound_);
  if (!queued)
    return to_error(queued.error());
  release_waiting();
  return caf::unit;
}

void session_peer::send_control(const control_message& msg) {
  if (!session_.established())
    return;
  outbound_.clear();
  wire::append_frame(outbound_, control_channel, wire::frame_kind::data, 0,
                     encode(msg));
  check(session_.send(outbound_, clock().now()));
}

/// Without credit the peer stops once an actor's window is used up; what it has
/// for that actor waits on its side.
void session_peer::give_credit(const stream_credit& msg) {
  using resources::credit_policy;
  const auto policy
    = opts_.resources ? opts_.resources->credit() : credit_policy::at_once;
  if (policy == credit_policy::at_once && held_credit_.empty()) {
    send_control(actor_credit{msg.actor, msg.consumed});
    return;
  }
  if (held_credit_.empty())
    run_delayed(opts_.credit_pause, [this] { give_held_credit(); });
  held_credit_[msg.actor] = msg.consumed;
}

void session_peer::give_held_credit() {
  if (stage_ == stage::ended)
    return;
  if (opts_.resources->credit() == resources::credit_policy::withheld) {
    run_delayed(opts_.credit_pause, [this] { give_held_credit(); });
    return;
  }
  for (const auto& [actor, consumed] : std::exchange(held_credit_, {}))
    send_control(actor_credit{actor, consumed});
}

bool session_peer::compresses() const {
  return opts_.compression && peer_hello_
         && (peer_hello_->compression & compression_lz4) != 0;
}

/// Cuts whole BASP messages into frames of at most `longest` bytes. What is
/// compressed is a frame of its own: two messages in one would tell from its
/// length how alike they are.
template <class Emit>
void session_peer::cut_stream(std::span<const uint8_t> bytes, size_t longest,
                              Emit emit) {
  const auto send = [&](std::span<const uint8_t> payload, uint8_t flags) {
    outbound_.clear();
    wire::append_frame(outbound_, basp_channel, wire::frame_kind::data, flags,
                       payload);
    emit(std::as_const(outbound_));
  };
  const auto send_plain = [&](size_t from, size_t to) {
    for (; from < to; from += longest)
      send(bytes.subspan(from, std::min(to - from, longest)), 0);
  };
  if (!session_.established())
    return;
  auto plain_from = size_t{0};
  auto at = size_t{0};
  while (compresses() && at < bytes.size()) {
    const auto end = at + basp::message_size(bytes.subspan(at));
    while (at < end) {
      const auto piece = bytes.subspan(at, std::min(end - at, longest));
      const auto small = compressor_.compress(piece);
      if (small) {
        send_plain(plain_from, at);
        send(*small, frame_compressed);
        plain_from = at + piece.size();
      }
      at += piece.size();
    }
  }
  send_plain(plain_from, bytes.size());
}

/// Whether nothing has to wait: the usual case, and a cheap one.
bool session_peer::may_pass(size_t bytes) {
  if (waiting_.waiting() > 0 || link_waiting_ >= opts_.link_high_water)
    return false;
  return !opts_.bandwidth
         || (bytes <= opts_.bandwidth->burst()
             && opts_.bandwidth->open(clock().now()));
}

void session_peer::release_waiting() {
  const auto& output = session_.output();
  while (waiting_.waiting() > 0 && stage_ != stage::ended && !stopping_) {
    if (output.size() >= output_flush)
      flush_output();
    if (link_waiting_ + output.size() >= opts_.link_high_water)
      break;
    if (opts_.bandwidth && output.size() >= allowance_) {
      flush_output();
      if (allowance_ == 0 && !take_turn())
        break;
    }
    const auto portion = waiting_.next();
    if (!portion)
      break;
    const auto size = static_cast<uint32_t>(portion->bytes.size());
    check(session_.send(portion->bytes, clock().now()));
    // The stream's windows are those of its actors, see `session_broker`.
    if (portion->channel == basp_channel)
      check(waiting_.grant(basp_channel, size));
  }
  flush_output();
}

/// Returns whether the next turn is here; else it calls back when it is.
bool session_peer::take_turn() {
  if (awaits_turn_)
    return false;
  const auto now = clock().now();
  const auto turn = opts_.bandwidth->turn();
  const auto when = opts_.bandwidth->reserve(turn, now);
  if (when <= now) {
    allowance_ += turn;
    return true;
  }
  awaits_turn_ = true;
  run_delayed(when - now, [this, turn] {
    awaits_turn_ = false;
    allowance_ += turn;
    release_waiting();
  });
  return false;
}

void session_peer::flush_output() {
  auto& output = session_.output();
  if (output.empty() || link_ended_)
    return;
  auto msg = link_bytes{};
  append(msg.data, output);
  output.clear();
  const auto size = msg.data.size();
  link_waiting_ += size;
  if (opts_.bandwidth) {
    const auto paid = std::min<uint64_t>(allowance_, size);
    allowance_ -= paid;
    if (paid < size)
      opts_.bandwidth->reserve(size - paid, clock().now());
  }
  send(opts_.link, std::move(msg));
}

} // namespace starling::peer
