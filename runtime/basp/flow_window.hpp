#pragma once

#include <cstdint>

namespace starling::basp {

/// Bytes that may be on their way to one actor of another node before it has
/// worked off earlier ones. Both ends of a stream use the same numbers.
///
/// BASP has no back-pressure: what is sent ends up in the receiver's mailbox,
/// however slow the receiver is. So the sender counts what it sent to each
/// actor and stops at `window`; the receiver reports what its actors consumed
/// each time that grew by `grant`. One actor that stalls keeps at most a
/// window's worth of memory and holds up nobody else.
struct flow_limits {
  /// Bytes.
  uint64_t window = 4u << 20;
  /// Bytes; a quarter of the window keeps the reports rare and the pipe full.
  uint64_t grant = 1u << 20;
};

/// The sender's half, for one actor.
class send_window {
public:
  /// Whether another message may go now. One message may overshoot, so that a
  /// message larger than the window can pass at all.
  [[nodiscard]] bool open(const flow_limits& limits) const {
    return sent_ - consumed_ < limits.window;
  }

  void note_sent(uint64_t bytes) {
    sent_ += bytes;
  }

  /// Takes the receiver's report, a running total. Returns false for a total
  /// that can't be: smaller than before or more than was sent.
  bool note_consumed(uint64_t total) {
    if (total < consumed_ || total > sent_)
      return false;
    consumed_ = total;
    return true;
  }

  /// Bytes on their way or in the receiver's mailbox.
  [[nodiscard]] uint64_t outstanding() const {
    return sent_ - consumed_;
  }

private:
  uint64_t sent_ = 0;
  uint64_t consumed_ = 0;
};

/// The receiver's half, for one actor.
class receive_window {
public:
  /// Notes a delivered message. Returns true when the actor should be asked to
  /// report back once it got this far.
  bool note_delivered(uint64_t bytes, const flow_limits& limits) {
    delivered_ += bytes;
    if (delivered_ - fenced_ < limits.grant)
      return false;
    fenced_ = delivered_;
    return true;
  }

  /// Running total of bytes delivered, the place of a fence set now.
  [[nodiscard]] uint64_t delivered() const {
    return delivered_;
  }

private:
  uint64_t delivered_ = 0;
  uint64_t fenced_ = 0;
};

} // namespace starling::basp
