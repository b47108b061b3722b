#pragma once

#include "runtime/result.hpp"

#include <cstdint>

namespace starling::peer {

/// Credit for one direction of one stream: the receiver says how many bytes it
/// has room for, the sender sends no more, so a consumer that stalls stops its
/// own stream and nothing else.
///
/// Why not leave it to the session's own back-pressure: all streams share the
/// session, and one full consumer would stop them all.
///
/// The idea is that of HTTP/2: RFC 9113, sections 5.2 and 6.9.

/// What the sender may still send.
class send_window {
public:
  /// Credit never exceeds this.
  static constexpr uint64_t credit_max = uint64_t{1} << 31;

  /// @pre `initial` is at most `credit_max`.
  explicit send_window(uint64_t initial);

  /// Takes a grant. Errors: protocol_violation if credit would exceed
  /// `credit_max`; then nothing has changed.
  result<void> grant(uint32_t bytes);

  /// Notes that bytes were sent. @pre there is credit for them.
  void sent(uint64_t bytes);

  [[nodiscard]] uint64_t credit() const noexcept {
    return credit_;
  }

private:
  uint64_t credit_;
};

/// What the receiver has promised room for. Holds at all times: bytes promised
/// and bytes waiting for the consumer together are at most `size`.
class receive_window {
public:
  /// The sender begins with `size` bytes of credit.
  /// @pre `size` is not 0 and at most `send_window::credit_max`.
  explicit receive_window(uint32_t size);

  /// Notes bytes that came in. Errors: protocol_violation if there was no
  /// credit for them.
  result<void> arrived(uint64_t bytes);

  /// Notes that the consumer has taken bytes. Returns what to grant now: 0
  /// until half of the window is due, so that a grant is not sent for each
  /// little piece. @pre as many bytes were waiting.
  [[nodiscard]] uint32_t consumed(uint64_t bytes);

  /// Bytes that came in and were not consumed yet.
  [[nodiscard]] uint64_t waiting() const noexcept {
    return waiting_;
  }

private:
  uint32_t size_;
  /// What the sender may still send.
  uint64_t promised_;
  uint64_t waiting_ = 0;
};

} // namespace starling::peer
