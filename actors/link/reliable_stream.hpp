#pragma once

#include "actors/link/rtt_estimator.hpp"
#include "actors/link/stream_receiver.hpp"
#include "actors/link/stream_segment.hpp"
#include "actors/link/stream_sender.hpp"
#include "runtime/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace starling::link {

/// A reliable, ordered stream of bytes in both directions over datagrams that
/// may be lost, doubled, reordered and delayed: for paths through other nodes,
/// where packets get lost when routes change, and for UDP.
///
/// Sans-IO: the owner brings datagrams and the time, and after each call sends
/// what `poll_output` returns until it returns nothing, and calls it again at
/// `next_deadline`. There is no handshake: whoever opened the path below has
/// agreed on a stream, and both sides start at offset 0. Datagrams are
/// described at `stream_segment`; how losses are found, at `stream_sender`.
///
/// Why not a copy of TCP: there are no options to negotiate, offsets have 64
/// bits and never wrap, and the owner can say that the path has changed, so
/// that nothing has to time out first. Why no encryption: the session above has
/// it. A stranger who can write into the path can end a stream only if it knows
/// the offsets in use.
///
/// Nothing here throws, except for want of memory, which is bounded by the
/// buffers' sizes.
class reliable_stream {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::nanoseconds;

  struct options {
    /// Largest datagram, bytes, at least 160. 1200 suit UDP.
    size_t datagram_max = 16'384;
    /// Bytes that are kept until they are acknowledged.
    size_t send_max = size_t{1} << 20;
    /// Bytes that are kept for the reader.
    size_t receive_max = size_t{1} << 20;
    /// How long an acknowledgement may wait for data to go with, unless much
    /// has arrived.
    duration ack_delay = std::chrono::milliseconds{5};
    /// The stream has failed when nothing was heard for so long although an
    /// answer is due.
    duration silence_max = std::chrono::seconds{60};
    /// Asks for a sign of life when nothing was heard for so long; 0: never.
    duration keep_alive{0};
    rtt_estimator::options rtt;
  };

  enum class state : uint8_t {
    /// Bytes flow, or may.
    open,
    /// Both sides have closed, and all has arrived. The owner goes on passing
    /// datagrams for some seconds: the other side may not know it yet.
    closed,
    /// This side or the other one gave up.
    reset,
    /// The other side is out of reach.
    silent,
  };

  reliable_stream(const options& opts, time_point now);

  // -- the stream -------------------------------------------------------------

  /// Takes as much as there is room for; returns how much, 0 after `close`.
  size_t send(std::span<const uint8_t> bytes);

  /// Bytes that `send` would take.
  [[nodiscard]] size_t room() const;

  /// Bytes that were sent but are not known to have arrived.
  [[nodiscard]] size_t waiting() const {
    return sender_.waiting();
  }

  /// Hands all bytes that have come in order to `sink`, a callable that takes a
  /// `std::span<const uint8_t>`, once or twice. Returns how many. What is not
  /// read keeps the other side from sending more.
  template <class Sink>
  size_t read(Sink&& sink) {
    const auto count = receiver_.read(std::forward<Sink>(sink));
    offer_window();
    return count;
  }

  [[nodiscard]] size_t readable() const {
    return receiver_.readable();
  }

  /// Ends this direction: what waits is still sent, then the end. The other
  /// direction goes on.
  void close();

  /// Gives up both directions at once; one datagram says so.
  void abort();

  /// Whether the other side has closed and all it sent has been read.
  [[nodiscard]] bool at_end() const {
    return receiver_.has_end() && receiver_.readable() == 0;
  }

  [[nodiscard]] state status() const {
    return state_;
  }

  // -- datagrams and time -----------------------------------------------------

  /// Takes a datagram from the path. One that is refused changes nothing.
  /// Errors: malformed_input, protocol_violation (it acknowledges what was
  /// never sent, or contradicts what came before).
  result<void> on_datagram(std::span<const uint8_t> datagram, time_point now);

  /// Returns the next datagram to send, valid until the next call of anything
  /// here; nothing if there is none now.
  [[nodiscard]] std::optional<std::span<const uint8_t>>
  poll_output(time_point now);

  /// Returns when to call `poll_output` again if nothing else happens, nothing
  /// if that is not needed.
  [[nodiscard]] std::optional<time_point> next_deadline() const;

  /// The path below is another one: sends again at once what may have been lost
  /// with the old one, and forgets what was measured there.
  void path_changed(time_point now);

  // -- measurements -----------------------------------------------------------

  /// Smoothed round trip, zero before the first.
  [[nodiscard]] duration round_trip() const {
    return sender_.round_trip();
  }

  /// Datagrams sent more than once.
  [[nodiscard]] uint64_t resent() const {
    return sender_.resent();
  }

  /// Bytes of memory in use for the stream's content.
  [[nodiscard]] size_t memory() const {
    return sender_.memory() + receiver_.memory();
  }

private:
  [[nodiscard]] bool is_over() const {
    return state_ != state::open;
  }

  [[nodiscard]] bool awaits_answer() const;
  result<void> take_reset(const stream_segment& segment);
  void take_content(const stream_segment& segment, time_point now);
  void take_echo(const stream_segment& segment, time_point now);
  void offer_window();
  void note_time(time_point now);
  void settle();
  std::span<const uint8_t> emit(stream_segment segment,
                                const stream_sender::part* content,
                                time_point now);
  [[nodiscard]] uint32_t clock_at(time_point now) const;

  options opts_;
  time_point begin_;
  stream_sender sender_;
  stream_receiver receiver_;
  state state_ = state::open;
  std::vector<uint8_t> datagram_;

  /// The other side waits for an acknowledgement.
  bool ack_now_ = false;
  /// That came since the last acknowledgement.
  size_t unacked_bytes_ = 0;
  std::optional<time_point> ack_at_;
  /// Up to where the other side may send, as far as it has been told.
  uint64_t offered_ = 0;
  /// The other side's clock at the first datagram since the last answer, 0 for
  /// none.
  uint32_t echo_ = 0;
  bool aborted_ = false;
  bool reset_to_send_ = false;
  time_point heard_at_;
  /// Since when an answer is due.
  std::optional<time_point> asked_at_;
  std::optional<time_point> keep_alive_at_;
};

} // namespace starling::link
