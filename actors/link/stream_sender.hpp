#pragma once

#include "actors/link/byte_ring.hpp"
#include "actors/link/rtt_estimator.hpp"
#include "actors/link/stream_segment.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

namespace starling::link {

/// Decides what a `reliable_stream` sends and when it sends it again.
///
/// - A part is lost when one that was sent later has arrived and a round trip
///   and a quarter have passed since it was sent; the quarter is left out when
///   three later ones have arrived and the path has not reordered anything so
///   far. Why not counting duplicates alone: on a path that reorders they lie,
///   and a retransmission that is lost too goes unnoticed.
///   Source: RFC 8985 (RACK), sections 6.2 and 3.3.
/// - When nothing is heard for two round trips, the last part is sent once
/// more:
///   its answer shows what is missing.
/// - When nothing is heard at all, everything is taken for lost after the
///   retransmission timeout of RFC 6298, which doubles each time.
/// - The congestion window follows NewReno (RFC 5681, 6582): it doubles per
///   round trip up to a threshold and grows by one part per round trip from
///   there; a loss multiplies it by 0.7 as CUBIC does (RFC 9438, section 4.6),
///   at most once per round trip.
class stream_sender {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::nanoseconds;

  struct options {
    /// Payload bytes of one datagram.
    size_t part_max = 1'100;
    /// Bytes that are kept until they are acknowledged.
    size_t buffer_max = size_t{1} << 20;
    /// What the other side is taken to accept before it has said so, bytes.
    uint64_t first_window = 16'384;
    /// Parts in flight at the start and after a change of path (RFC 6928).
    size_t parts_initial = 10;
    /// Largest congestion window, bytes.
    size_t flight_max = size_t{4} << 20;
    rtt_estimator::options rtt;
  };

  /// What to send: bytes of the stream, its end, or both.
  struct part {
    uint64_t offset = 0;
    size_t size = 0;
    bool end = false;
  };

  explicit stream_sender(const options& opts);

  /// Takes as much as there is room for; returns how much.
  size_t push(std::span<const uint8_t> bytes);

  /// Nothing will be pushed any more.
  void finish() {
    finished_ = true;
  }

  /// Takes in an acknowledgement. Returns false if it speaks of things that
  /// were never sent; it is then ignored.
  bool acknowledge(const stream_segment& from, time_point now);

  /// Notes a measured round trip.
  void note_round_trip(duration rtt) {
    rtt_.sample(rtt);
  }

  /// Notes what time it is: timeouts happen here.
  void tick(time_point now);

  /// Returns the next part to send and counts it as sent.
  std::optional<part> next(time_point now);

  /// Appends the bytes of a part to `out`.
  void copy(const part& what, std::vector<uint8_t>& out) const;

  /// Whether the other side has to be asked if its window has opened. Asking
  /// counts.
  bool take_probe(time_point now);

  /// Takes all that has not been acknowledged for lost, and all that is known
  /// about the path for obsolete.
  void path_changed(time_point now);

  /// Returns when `tick` has something to do, nothing if never.
  [[nodiscard]] std::optional<time_point> deadline() const;

  /// Whether everything, the end included, has been acknowledged.
  [[nodiscard]] bool done() const {
    return end_acked_;
  }

  /// Whether something is still to be sent or acknowledged.
  [[nodiscard]] bool busy() const {
    return acked_ < stream_end_ || (finished_ && !end_acked_);
  }

  /// Bytes that can be pushed now.
  [[nodiscard]] size_t room() const {
    return finished_
             ? 0
             : opts_.buffer_max - static_cast<size_t>(stream_end_ - acked_);
  }

  /// Bytes that wait for an acknowledgement or for being sent.
  [[nodiscard]] size_t waiting() const {
    return static_cast<size_t>(stream_end_ - acked_);
  }

  [[nodiscard]] duration round_trip() const {
    return rtt_.smoothed();
  }

  /// Congestion window, bytes.
  [[nodiscard]] size_t congestion_window() const {
    return window_;
  }

  /// Parts sent more than once.
  [[nodiscard]] uint64_t resent() const {
    return resent_;
  }

  /// The sequence number after the last thing sent.
  [[nodiscard]] uint64_t sent_up_to() const {
    return next_ + (end_sent_ ? 1 : 0);
  }

  /// Bytes of memory in use for the stream's content.
  [[nodiscard]] size_t memory() const {
    return kept_.capacity();
  }

private:
  struct sent_part {
    part what;
    time_point at;
    uint32_t times = 1;
    bool arrived = false;
    bool lost = false;

    [[nodiscard]] uint64_t after() const {
      return what.offset + what.size + (what.end ? 1 : 0);
    }
  };

  size_t drop_acked(uint64_t ack, time_point now);
  size_t note_ranges(const stream_segment& from, time_point now);
  void has_arrived(sent_part& which, time_point now);
  void find_losses(time_point now);
  void mark_lost(sent_part& which);
  void was_not_lost();
  void shrink();
  void grow(size_t bytes);
  void arm_tail_probe(time_point now);
  std::optional<part> next_tail_probe(time_point now);
  std::optional<part> next_lost(time_point now);
  std::optional<part> next_new(time_point now);
  [[nodiscard]] bool fits(size_t size) const;
  [[nodiscard]] duration timeout() const;

  options opts_;
  rtt_estimator rtt_;
  byte_ring kept_;

  /// Offsets: all before has been acknowledged, has been sent, exists.
  uint64_t acked_ = 0;
  uint64_t next_ = 0;
  uint64_t stream_end_ = 0;
  bool finished_ = false;
  bool end_sent_ = false;
  bool end_acked_ = false;
  /// The other side takes nothing from here on.
  uint64_t right_edge_;

  /// Sent and not acknowledged, by offset.
  std::deque<sent_part> flight_;
  /// Bytes in flight that are neither lost nor known to have arrived.
  size_t in_flight_ = 0;
  size_t arrived_count_ = 0;
  size_t lost_count_ = 0;

  size_t window_;
  size_t threshold_;
  /// A loss before this offset belongs to a loss that has been answered.
  uint64_t recovery_end_ = 0;
  /// The first lost part goes again whatever the window says (RFC 6675, section
  /// 5, step 4.3).
  bool first_resend_ = false;

  /// Of the parts that have arrived, the one sent last: when, its end in the
  /// stream and its round trip.
  time_point newest_sent_;
  uint64_t newest_after_ = 0;
  duration newest_round_trip_{0};
  uint64_t highest_arrived_ = 0;
  bool reorders_ = false;
  /// Quarters of a round trip that a late part is given.
  int patience_ = 1;
  /// Before the last loss, in case it was none.
  size_t window_before_ = 0;
  size_t threshold_before_ = 0;

  std::optional<time_point> timeout_at_;
  std::optional<time_point> loss_check_at_;
  std::optional<time_point> tail_probe_at_;
  bool tail_probed_ = false;
  bool tail_probe_due_ = false;
  std::optional<time_point> probe_at_;
  unsigned timeouts_in_a_row_ = 0;
  uint64_t resent_ = 0;
};

} // namespace starling::link
