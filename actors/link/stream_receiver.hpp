#pragma once

#include "actors/link/byte_ring.hpp"
#include "actors/link/stream_segment.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>

namespace starling::link {

/// Puts a stream together from parts that come in any order, more than once,
/// and from a sender that may be hostile: nothing beyond the window is kept.
class stream_receiver {
public:
  struct options {
    /// Bytes that are kept for the reader: the window.
    size_t window_max = size_t{1} << 20;
    /// Gaps in what has arrived; a part that would make another one is dropped
    /// and has to be sent again.
    size_t gaps_max = 256;
  };

  enum class outcome : uint8_t {
    /// More can be read, or the end is known and reached.
    progress,
    /// Kept; something before it is missing.
    early,
    /// Known already.
    duplicate,
    /// Outside the window, one gap too many, or at odds with the end.
    refused,
  };

  explicit stream_receiver(const options& opts) : opts_{opts} {
    // nop
  }

  /// Takes the bytes at `offset`, which may be none; `end` says that nothing
  /// follows them.
  outcome take(uint64_t offset, std::span<const uint8_t> bytes, bool end);

  /// Returns the first offset that is missing; the end counts as one byte.
  [[nodiscard]] uint64_t ack() const {
    return next_ + (has_end() ? 1 : 0);
  }

  /// Returns the offset up to which bytes are taken.
  [[nodiscard]] uint64_t right_edge() const {
    return kept_.begin() + opts_.window_max;
  }

  /// Writes what has arrived beyond `ack` into the segment, the newest first
  /// (RFC 2018, section 4).
  void report(stream_segment& to) const;

  [[nodiscard]] size_t readable() const {
    return static_cast<size_t>(next_ - kept_.begin());
  }

  /// Hands all bytes that can be read to `sink`, in one or two pieces, and
  /// forgets them. Returns how many.
  template <class Sink>
  size_t read(Sink&& sink) {
    const auto total = readable();
    for (auto left = total; left > 0;) {
      const auto piece = kept_.piece(next_ - left, left);
      sink(piece);
      left -= piece.size();
    }
    kept_.forget_before(next_);
    return total;
  }

  /// Whether all bytes up to the end have arrived.
  [[nodiscard]] bool has_end() const {
    return end_ && next_ == *end_;
  }

  /// Bytes of memory in use for the stream's content.
  [[nodiscard]] size_t memory() const {
    return kept_.capacity();
  }

private:
  outcome insert(byte_range part);

  options opts_;
  byte_ring kept_;
  /// All before this has arrived.
  uint64_t next_ = 0;
  /// What has arrived beyond it: begin and end, not touching each other.
  std::map<uint64_t, uint64_t> islands_;
  /// Begin of the island that changed last.
  uint64_t newest_ = 0;
  std::optional<uint64_t> end_;
};

} // namespace starling::link
