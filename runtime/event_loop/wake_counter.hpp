#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace starling::event_loop {

/// A number that threads can sleep on until it changes.
///
/// Why not `std::atomic::wait`: it gives the processor away several times
/// before it sleeps, and on a busy machine each of these is a switch between
/// threads.
class wake_counter {
public:
  [[nodiscard]] uint32_t value() const {
    return value_.load(std::memory_order_acquire);
  }

  /// Changes the number and wakes one of the threads that sleep.
  void wake_one() {
    value_.fetch_add(1, std::memory_order_release);
    call(FUTEX_WAKE_PRIVATE, 1);
  }

  /// Sleeps if the number is `seen`; may return early.
  void sleep_while(uint32_t seen) {
    call(FUTEX_WAIT_PRIVATE, seen);
  }

private:
  void call(int operation, uint32_t argument) {
    static_assert(sizeof(value_) == sizeof(uint32_t));
    ::syscall(SYS_futex, &value_, operation, argument, nullptr, nullptr, 0);
  }

  std::atomic<uint32_t> value_ = 0;
};

} // namespace starling::event_loop
