#pragma once

#include "runtime/flow/token_bucket.hpp"

#include <chrono>
#include <cstdint>

namespace starling::flow {

/// One rate that many senders share, such as all sessions of a node.
///
/// Below the rate a sender asks whether it is open and goes on. Above it, each
/// sender reserves one turn, waits until its time has come, sends what the turn
/// holds and reserves the next. As nobody has more than one turn ahead, turns
/// go round: a sender that has been silent waits for one turn of each that is
/// busy, however much those have to send, and one that stalls reserves nothing.
/// Why not let all wait for the bucket to open: who asks first then would get
/// everything, and a timer that fires late would never get anything.
///
/// For one thread. The caller brings the time.
class shared_rate {
public:
  using clock = token_bucket::clock;

  struct options {
    /// Bytes a second, up to `token_bucket::rate_max`; 0 means no limit.
    uint64_t rate = 0;
    /// Longest time that a turn takes at that rate, and how much of it can be
    /// saved up.
    std::chrono::milliseconds turn_time{1};
    std::chrono::milliseconds burst_time{10};
    /// Bounds of a turn, bytes: one that is too small costs more to wait for
    /// than to send.
    uint64_t turn_min = 4'096;
    uint64_t turn_max = 65'536;
  };

  shared_rate(const options& opts, clock::time_point now);

  /// May something be sent at once?
  [[nodiscard]] bool open(clock::time_point now) const {
    return bucket_.open_at(now) <= now;
  }

  /// Bytes of a turn.
  [[nodiscard]] uint64_t turn() const noexcept {
    return turn_;
  }

  /// Bytes that pass at once after a pause; at least a turn.
  [[nodiscard]] uint64_t burst() const noexcept {
    return burst_;
  }

  /// Pays for bytes and returns when they may be sent, not before `now`.
  clock::time_point reserve(uint64_t bytes, clock::time_point now) {
    return bucket_.reserve(bytes, now);
  }

private:
  uint64_t turn_;
  uint64_t burst_;
  token_bucket bucket_;
};

} // namespace starling::flow
