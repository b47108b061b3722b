#pragma once

#include "actors/peer/stream_window.hpp"
#include "messages/packet.hpp"
#include "runtime/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace starling::peer {

/// Decides what a session sends next, of all that waits for it.
///
/// Packets and streams have a priority from 0 to 7. Priorities share the
/// session by weight, in bytes; what waits at one priority shares its part
/// evenly: packets of that priority together count as much as one stream. Both
/// by deficit round robin: each in turn may send its share, and keeps what it
/// could not use while it has something to send. A stream without credit is
/// not in turn. Why not strictly by priority: the urgent would starve the rest.
///
/// Everything is bounded, and what is too much is refused at once. How much may
/// go, and when, is the caller's to say: all sessions of a node share one rate
/// (runtime/flow/shared_rate.hpp).
///
/// Source: Shreedhar, Varghese, "Efficient fair queuing using deficit
/// round-robin", IEEE/ACM Transactions on Networking 4(3), 1996.
class send_scheduler {
public:
  static constexpr size_t priorities = packet_priority_max + 1;

  struct options {
    size_t streams_max = 1'024;
    /// Bytes that may wait on one stream, or as packets of one priority.
    size_t queue_bytes_max = 16'777'216;
    /// Bytes that may wait in all.
    size_t total_bytes_max = 67'108'864;
    /// Bytes of a stream sent in one piece.
    size_t portion_max = 16'384;
    /// Shares of the priorities, none 0.
    std::array<uint32_t, priorities> weights{1, 2, 4, 8, 16, 32, 64, 128};
  };

  /// What goes into one frame. `bytes` is valid until the next call that is
  /// not const.
  struct portion {
    /// 0 for a packet, else the stream.
    uint16_t channel = 0;
    std::span<const uint8_t> bytes;
  };

  /// @pre the options are within their ranges.
  explicit send_scheduler(const options& opts);

  // Turns point into it.
  send_scheduler(const send_scheduler&) = delete;
  send_scheduler& operator=(const send_scheduler&) = delete;

  /// Begins a stream. Errors: duplicate_name, limit_reached.
  /// @pre the channel is not 0, the priority at most 7, the credit at most
  /// `send_window::credit_max`.
  result<void> open(uint16_t channel, uint8_t priority, uint64_t credit);

  /// Ends a stream and drops what waits on it. Returns false if there is none.
  bool close(uint16_t channel);

  /// Lets bytes wait on a stream. Errors: unknown_name, limit_reached; then
  /// none of them wait.
  result<void> push(uint16_t channel, std::vector<uint8_t> bytes);

  /// Lets a packet wait; it is sent in one piece. Errors: limit_reached.
  /// @pre the priority is at most 7 and there is at least one byte.
  result<void> push_packet(uint8_t priority, std::vector<uint8_t> bytes);

  /// Takes credit from the receiver of a stream. Errors: unknown_name,
  /// protocol_violation.
  result<void> grant(uint16_t channel, uint32_t bytes);

  /// Returns what to send next; nothing if that takes a push or a grant.
  [[nodiscard]] std::optional<portion> next();

  /// Bytes that wait.
  [[nodiscard]] size_t waiting() const noexcept {
    return waiting_;
  }

  /// Bytes that wait on that stream; 0 if there is none.
  [[nodiscard]] size_t waiting_on(uint16_t channel) const;

private:
  /// A stream, or the packets of one priority.
  struct queue {
    uint16_t channel = 0;
    uint8_t priority = 0;
    /// Only of streams.
    std::optional<send_window> window;
    std::deque<std::vector<uint8_t>> items;
    /// Bytes of the first item that were sent.
    size_t offset = 0;
    size_t bytes = 0;
    uint64_t deficit = 0;
    /// It is in `ready` of its priority.
    bool listed = false;
  };

  struct level {
    /// Queues that can send, in turn.
    std::deque<queue*> ready;
    uint64_t deficit = 0;
    bool listed = false;
  };

  result<void> push_to(queue& to, std::vector<uint8_t> bytes);

  /// Puts a queue in turn if it can send and takes it out if it can't.
  void update(queue& x);

  /// Returns the size of the next portion, 0 if the queue can't send.
  [[nodiscard]] size_t next_size(const queue& x) const;

  /// Returns the queue in turn at that level.
  [[nodiscard]] queue& choose(level& x) const;

  portion take(queue& from, size_t size);

  options opts_;
  std::unordered_map<uint16_t, queue> streams_;
  std::array<queue, priorities> packets_;
  std::array<level, priorities> levels_;
  /// Levels with something ready, in turn.
  std::deque<uint8_t> turn_;
  size_t waiting_ = 0;
  /// Holds the last portion if its item is not in a queue any more.
  std::vector<uint8_t> last_;
};

} // namespace starling::peer
