#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace starling::basp {

/// What was written to one actor of another node and waits for the broker.
///
/// Windows begin where the broker takes a message. Whoever writes faster than
/// it runs would fill its mailbox, so beyond `bytes_max` a message is refused
/// where it is written. What waits is small as a rule, and then nothing is
/// measured.
///
/// Writers are in any threads, `leave` and `note_size` in one.
class write_backlog {
public:
  /// Bytes, as estimated; many short messages may come at once.
  static constexpr uint64_t bytes_max = 32u << 20;

  /// Returns whether one more message may wait; `measure` returns its size in
  /// bytes and is asked only if that may matter.
  template <class Measure>
  bool enter(Measure measure) {
    const auto waiting = waiting_.load(std::memory_order_relaxed);
    if ((waiting + 1) * typical_.load(std::memory_order_relaxed)
        > unmeasured_max) {
      const uint64_t size = measure();
      const auto typical = typical_.load(std::memory_order_relaxed);
      typical_.store(size > typical ? size : typical - (typical - size) / 8,
                     std::memory_order_relaxed);
      if (bytes_.load(std::memory_order_relaxed) + size > bytes_max)
        return false;
      bytes_.fetch_add(size, std::memory_order_relaxed);
    }
    waiting_.fetch_add(1, std::memory_order_relaxed);
    return true;
  }

  /// One message was taken. More than have entered may be: links are not
  /// counted.
  void leave() {
    const auto waiting = waiting_.load(std::memory_order_relaxed);
    if (waiting == 0)
      return;
    // Its share: which one it was is not known, and all go in the end.
    bytes_.fetch_sub(bytes_.load(std::memory_order_relaxed) / waiting,
                     std::memory_order_relaxed);
    waiting_.fetch_sub(1, std::memory_order_relaxed);
  }

  /// A message that was taken had that many bytes.
  void note_size(uint64_t bytes) {
    if (bytes > typical_.load(std::memory_order_relaxed))
      typical_.store(bytes, std::memory_order_relaxed);
  }

  /// A message was refused, and nobody told.
  void note_lost() {
    lost_.fetch_add(1, std::memory_order_relaxed);
  }

  /// Returns how many were lost since the last call.
  uint64_t take_lost() {
    return lost_.exchange(0, std::memory_order_relaxed);
  }

private:
  /// While all that waits is likely to be less than this, bytes, nothing is
  /// measured.
  static constexpr uint64_t unmeasured_max = 1u << 20;

  std::atomic<uint64_t> waiting_{0};
  std::atomic<uint64_t> bytes_{0};
  /// Of one message, bytes; large until the first was measured.
  std::atomic<uint64_t> typical_{128u << 10};
  std::atomic<uint64_t> lost_{0};
};

} // namespace starling::basp
