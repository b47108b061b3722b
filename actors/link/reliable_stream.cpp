#include "actors/link/reliable_stream.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace starling::link {

namespace {

/// A measured round trip beyond this is no measurement.
constexpr auto round_trip_max = std::chrono::microseconds{60'000'000};

/// Full-sized datagrams that may arrive before an acknowledgement goes out, as
/// in RFC 5681, section 4.2. Small ones wait for `ack_delay`, else each second
/// message of a conversation would bring a datagram of its own over all hops.
constexpr size_t full_parts_per_ack = 2;

constexpr size_t header_max
  = stream_segment::header_size
    + stream_segment::ranges_max * stream_segment::range_size;

constexpr size_t datagram_least = 160;

size_t part_max_of(const reliable_stream::options& opts) {
  return std::max(opts.datagram_max, datagram_least) - header_max;
}

stream_sender::options sender_options(const reliable_stream::options& opts) {
  auto result = stream_sender::options{};
  result.part_max = part_max_of(opts);
  result.buffer_max = opts.send_max;
  result.flight_max = std::max(opts.send_max, 4 * result.part_max);
  result.rtt = opts.rtt;
  return result;
}

void keep_earlier(std::optional<reliable_stream::time_point>& target,
                  std::optional<reliable_stream::time_point> other) {
  if (other && (!target || *other < *target))
    target = other;
}

} // namespace

reliable_stream::reliable_stream(const options& opts, time_point now)
  : opts_{opts},
    begin_{now},
    sender_{sender_options(opts)},
    receiver_{{.window_max = opts.receive_max}},
    offered_{sender_options(opts).first_window},
    heard_at_{now} {
  if (opts_.keep_alive.count() > 0)
    keep_alive_at_ = now + opts_.keep_alive;
}

// -- the stream ---------------------------------------------------------------

size_t reliable_stream::send(std::span<const uint8_t> bytes) {
  return is_over() ? 0 : sender_.push(bytes);
}

size_t reliable_stream::room() const {
  return is_over() ? 0 : sender_.room();
}

void reliable_stream::close() {
  sender_.finish();
}

void reliable_stream::abort() {
  if (is_over())
    return;
  state_ = state::reset;
  aborted_ = true;
  reset_to_send_ = true;
}

/// Tells the other side when reading has made room for much more.
void reliable_stream::offer_window() {
  const auto gained = receiver_.right_edge() - offered_;
  const auto left = offered_ - std::min(offered_, receiver_.ack());
  if (receiver_.right_edge() > offered_
      && (gained >= opts_.receive_max / 2 || left < opts_.datagram_max))
    ack_now_ = true;
}

// -- input --------------------------------------------------------------------

result<void> reliable_stream::on_datagram(std::span<const uint8_t> datagram,
                                          time_point now) {
  auto segment = read_segment(datagram);
  if (!segment)
    return segment.error();
  if (segment->reset)
    return take_reset(*segment);
  if (state_ == state::reset || state_ == state::silent) {
    // Our own reset was lost, it seems.
    reset_to_send_ = aborted_;
    return {};
  }
  if (!sender_.acknowledge(*segment, now))
    return failure{ec::protocol_violation,
                   "stream datagram: acknowledges what was never sent"};
  heard_at_ = now;
  asked_at_.reset();
  take_echo(*segment, now);
  take_content(*segment, now);
  settle();
  return {};
}

result<void> reliable_stream::take_reset(const stream_segment& segment) {
  // Without knowing both positions nobody can end a stream (RFC 5961,
  // section 3.2, has the same idea).
  const auto knows_ours
    = segment.ack <= sender_.sent_up_to()
      && segment.ack + opts_.send_max >= sender_.sent_up_to();
  const auto knows_theirs
    = segment.offset + opts_.receive_max >= receiver_.ack()
      && segment.offset <= receiver_.right_edge() + 1;
  if (!knows_ours || !knows_theirs)
    return failure{ec::protocol_violation,
                   "stream datagram: a reset from outside the stream"};
  if (state_ == state::open)
    state_ = state::reset;
  aborted_ = false;
  reset_to_send_ = false;
  return {};
}

void reliable_stream::take_echo(const stream_segment& segment, time_point now) {
  // Only what is answered soon is echoed, and once: an echo that came late
  // would look like a slow path.
  const auto answered
    = segment.answer || segment.end_of_stream || !segment.payload.empty();
  if (answered && echo_ == 0)
    echo_ = segment.clock;
  if (segment.echo == 0)
    return;
  // Unsigned, so that it is right across the wrap.
  const auto elapsed
    = std::chrono::microseconds{uint32_t{clock_at(now) - segment.echo}};
  if (elapsed <= round_trip_max)
    sender_.note_round_trip(elapsed);
}

void reliable_stream::take_content(const stream_segment& segment,
                                   time_point now) {
  if (segment.answer)
    ack_now_ = true;
  if (segment.payload.empty() && !segment.end_of_stream)
    return;
  using enum stream_receiver::outcome;
  const auto outcome
    = receiver_.take(segment.offset, segment.payload, segment.end_of_stream);
  unacked_bytes_ += segment.payload.size();
  // All but the ordinary case is news that the sender needs at once.
  if (outcome != progress || receiver_.has_end()
      || unacked_bytes_ >= full_parts_per_ack * part_max_of(opts_))
    ack_now_ = true;
  else if (!ack_at_)
    ack_at_ = now + opts_.ack_delay;
}

void reliable_stream::settle() {
  if (state_ == state::open && sender_.done() && receiver_.has_end())
    state_ = state::closed;
}

// -- output -------------------------------------------------------------------

std::optional<std::span<const uint8_t>>
reliable_stream::poll_output(time_point now) {
  if (reset_to_send_) {
    reset_to_send_ = false;
    auto last = stream_segment{};
    last.reset = true;
    return emit(last, nullptr, now);
  }
  if (state_ == state::open)
    note_time(now);
  if (state_ == state::reset || state_ == state::silent)
    return std::nullopt;
  if (state_ == state::open) {
    if (auto content = sender_.next(now))
      return emit({}, &*content, now);
    const auto keep_alive = keep_alive_at_ && *keep_alive_at_ <= now;
    if (keep_alive)
      keep_alive_at_ = now + opts_.keep_alive;
    if (sender_.take_probe(now) || keep_alive) {
      if (!asked_at_)
        asked_at_ = now;
      auto question = stream_segment{};
      question.answer = true;
      return emit(question, nullptr, now);
    }
  }
  if (ack_now_ || (ack_at_ && *ack_at_ <= now))
    return emit({}, nullptr, now);
  return std::nullopt;
}

void reliable_stream::note_time(time_point now) {
  sender_.tick(now);
  if (keep_alive_at_ && heard_at_ + opts_.keep_alive > now)
    keep_alive_at_ = std::max(*keep_alive_at_, heard_at_ + opts_.keep_alive);
  if (!asked_at_ && sender_.sent_up_to() > 0 && sender_.busy()
      && sender_.deadline())
    asked_at_ = now;
  if (asked_at_ && *asked_at_ + opts_.silence_max <= now)
    state_ = state::silent;
}

std::span<const uint8_t>
reliable_stream::emit(stream_segment segment,
                      const stream_sender::part* content, time_point now) {
  segment.offset = sender_.sent_up_to();
  if (content) {
    segment.offset = content->offset;
    segment.end_of_stream = content->end;
    if (!asked_at_)
      asked_at_ = now;
  }
  segment.ack = receiver_.ack();
  const auto window
    = receiver_.right_edge() - std::min(receiver_.right_edge(), segment.ack);
  segment.window = static_cast<uint32_t>(
    std::min<uint64_t>(window, std::numeric_limits<uint32_t>::max()));
  offered_ = std::max(offered_, segment.ack + segment.window);
  segment.clock = clock_at(now);
  segment.echo = std::exchange(echo_, 0);
  receiver_.report(segment);
  ack_now_ = false;
  ack_at_.reset();
  unacked_bytes_ = 0;
  datagram_.clear();
  write_header(segment, datagram_);
  if (content)
    sender_.copy(*content, datagram_);
  return datagram_;
}

std::optional<reliable_stream::time_point>
reliable_stream::next_deadline() const {
  auto result = std::optional<time_point>{};
  if (state_ == state::reset || state_ == state::silent)
    return result;
  keep_earlier(result, ack_at_);
  if (state_ != state::open)
    return result;
  keep_earlier(result, sender_.deadline());
  keep_earlier(result, keep_alive_at_);
  if (asked_at_)
    keep_earlier(result, *asked_at_ + opts_.silence_max);
  return result;
}

void reliable_stream::path_changed(time_point now) {
  if (is_over())
    return;
  sender_.path_changed(now);
  asked_at_.reset();
  // The other side learns from this what was lost on its way here.
  ack_now_ = true;
}

/// Microseconds since the stream began, from 1 on; 0 means none.
uint32_t reliable_stream::clock_at(time_point now) const {
  const auto elapsed
    = std::chrono::duration_cast<std::chrono::microseconds>(now - begin_);
  const auto wrapped = static_cast<uint32_t>(elapsed.count());
  return wrapped == 0 ? 1 : wrapped;
}

} // namespace starling::link
