#include "actors/link/relay_link.hpp"

#include "runtime/outlive_refusals.hpp"
#include "runtime/wire/packet_codec.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace starling::link {

namespace {

std::span<const uint8_t> bytes_of(const caf::byte_buffer& x) {
  return {reinterpret_cast<const uint8_t*>(x.data()), x.size()};
}

caf::byte_buffer buffer_of(std::span<const uint8_t> x) {
  const auto* begin = reinterpret_cast<const caf::byte*>(x.data());
  return {begin, begin + x.size()};
}

} // namespace

relay_link_state::relay_link_state(relay_actor::pointer self,
                                   relay_link_options opts)
  : self_{self},
    opts_{std::move(opts)},
    random_{opts_.seed},
    stream_{opts_.stream, self->clock().now()} {
  // nop
}

relay_link_state::~relay_link_state() {
  if (is_over_ || !listener_)
    return;
  caf::anon_send(listener_, link_closed{caf::make_error(
                              ec::connection_closed, "relayed link to node "
                                                       + short_name(opts_.other)
                                                       + " was stopped")});
}

relay_actor::behavior_type relay_link_state::make_behavior() {
  outlive_refusals(*self_);
  self_->set_down_handler(
    [this](const caf::down_msg& down) { has_ended(down); });
  self_->monitor(opts_.router);
  open_timer_ = self_->run_delayed(opts_.open_timeout, [this] {
    finish(caf::make_error(ec::timed_out, "nobody has opened the link"));
  });
  return {
    [this](const link_open& msg) { open(msg); },
    [this](link_bytes& msg) { push(msg); },
    [this](const link_close&) { close(); },
    [this](const relay_datagram& msg) { take(msg); },
    [this](const relay_path& msg) { take(msg); },
  };
}

// -- messages -----------------------------------------------------------------

void relay_link_state::open(const link_open& msg) {
  if (is_over_ || listener_)
    return;
  open_timer_.dispose();
  listener_ = msg.listener;
  self_->monitor(listener_);
  pump();
}

void relay_link_state::push(link_bytes& msg) {
  if (is_over_ || is_closing_ || msg.data.empty())
    return;
  queued_ += msg.data.size();
  handed_over_ += msg.data.size();
  queue_.push_back(std::move(msg.data));
  if (queued_ > opts_.queue_max) {
    finish(caf::make_error(ec::limit_reached,
                           "more bytes wait for the relayed link to node "
                             + short_name(opts_.other) + " than it takes"));
    return;
  }
  pump();
}

void relay_link_state::close() {
  if (is_over_ || std::exchange(is_closing_, true))
    return;
  close_timer_ = self_->run_delayed(opts_.close_timeout, [this] {
    finish(waiting() == 0
             ? caf::error{}
             : caf::make_error(ec::timed_out,
                               "node " + short_name(opts_.other)
                                 + " did not take all that was sent"));
  });
  pump();
}

void relay_link_state::take(const relay_datagram& msg) {
  if (is_over_)
    return;
  // One that is refused changes nothing; a forger can do no more than that.
  static_cast<void>(
    stream_.on_datagram(bytes_of(msg.data), self_->clock().now()));
  pump();
}

void relay_link_state::take(const relay_path& msg) {
  if (is_over_)
    return;
  path_timer_.dispose();
  if (msg.exists) {
    send_again();
    return;
  }
  path_timer_ = self_->run_delayed(opts_.relay_timeout, [this] {
    finish(caf::make_error(ec::unreachable, "no way leads to node "
                                              + short_name(opts_.other)
                                              + " any more"));
  });
}

void relay_link_state::has_ended(const caf::down_msg& msg) {
  if (listener_ && msg.source == listener_.address()) {
    listener_ = nullptr;
    close();
  } else if (msg.source == opts_.router.address()) {
    finish(caf::make_error(ec::unreachable, "the router has ended"));
  }
}

// -- the stream ---------------------------------------------------------------

void relay_link_state::pump() {
  fill();
  hand_over();
  if (is_closing_ && queue_.empty())
    stream_.close();
  send_all();
  // Acknowledgements make room.
  fill();
  send_all();
  report_drained();
  check_end();
  if (!is_over_)
    schedule();
}

void relay_link_state::fill() {
  while (!queue_.empty()) {
    const auto rest = bytes_of(queue_.front()).subspan(sent_);
    const auto taken = stream_.send(rest);
    sent_ += taken;
    queued_ -= taken;
    if (taken < rest.size())
      return;
    queue_.pop_front();
    sent_ = 0;
  }
}

void relay_link_state::hand_over() {
  if (listener_)
    stream_.read([this](std::span<const uint8_t> bytes) {
      self_->send(listener_, link_bytes{buffer_of(bytes)});
    });
}

void relay_link_state::send_all() {
  const auto now = self_->clock().now();
  while (const auto datagram = stream_.poll_output(now)) {
    auto x = packet{};
    for (size_t i = 0; i < packet_id::size; i += 8) {
      const auto value = random_();
      for (size_t j = 0; j < 8; ++j)
        x.id.bytes[i + j] = static_cast<uint8_t>(value >> (8 * j));
    }
    const auto wall = std::chrono::time_point_cast<std::chrono::microseconds>(
      opts_.node->wall_clock());
    x.timestamp = clock_.now(wall).bits;
    x.source = opts_.node->self;
    x.destination = opts_.other;
    x.type = packet_type::data;
    x.priority = opts_.priority;
    x.payload = opts_.wrap(*datagram);
    self_->send(opts_.router,
                mesh_packet{opts_.node->self, buffer_of(wire::encode(x))});
  }
}

void relay_link_state::report_drained() {
  const auto left = waiting();
  if (handed_over_ < opts_.low_water || left >= opts_.low_water)
    return;
  handed_over_ = 0;
  if (listener_)
    self_->send(listener_, link_drained{left});
}

void relay_link_state::check_end() {
  switch (stream_.status()) {
    case reliable_stream::state::open:
      if (stream_.at_end() && !is_closing_)
        close();
      break;
    case reliable_stream::state::closed:
      finish({});
      break;
    case reliable_stream::state::reset:
      finish(caf::make_error(ec::connection_closed,
                             "node " + short_name(opts_.other)
                               + " gave the relayed link up"));
      break;
    case reliable_stream::state::silent:
      finish(caf::make_error(ec::unreachable, "nothing is heard of node "
                                                + short_name(opts_.other)));
      break;
  }
}

void relay_link_state::schedule() {
  const auto next = stream_.next_deadline();
  if (next == due_)
    return;
  timer_.dispose();
  due_ = next;
  if (next)
    timer_ = self_->run_delayed(
      std::max(*next - self_->clock().now(), steady::duration::zero()), [this] {
        due_.reset();
        pump();
      });
}

void relay_link_state::send_again() {
  const auto now = self_->clock().now();
  // Each thing sent on a way that is broken can bring another error.
  if (resent_at_ && now - *resent_at_ < opts_.path_interval) {
    resend_timer_.dispose();
    resend_timer_ = self_->run_delayed(*resent_at_ + opts_.path_interval - now,
                                       [this] { send_again(); });
    return;
  }
  if (is_over_)
    return;
  resent_at_ = now;
  stream_.path_changed(now);
  pump();
}

void relay_link_state::finish(caf::error reason) {
  if (std::exchange(is_over_, true))
    return;
  for (auto* timer :
       {&timer_, &path_timer_, &resend_timer_, &open_timer_, &close_timer_})
    timer->dispose();
  if (reason && stream_.status() == reliable_stream::state::open) {
    stream_.abort();
    send_all();
  }
  if (listener_)
    self_->send(listener_, link_closed{reason});
  self_->quit(std::move(reason));
}

size_t relay_link_state::waiting() const {
  return queued_ + stream_.waiting();
}

} // namespace starling::link
