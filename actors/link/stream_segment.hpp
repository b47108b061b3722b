#pragma once

#include "runtime/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace starling::link {

/// A part of a stream, [begin, end).
struct byte_range {
  uint64_t begin = 0;
  uint64_t end = 0;

  friend bool operator==(const byte_range&, const byte_range&) = default;
};

/// One datagram of a `reliable_stream`. On the wire, little-endian:
///
///     0   u8   version, 1
///     1   u8   flags: 1 end of stream, 2 reset, 4 answer at once
///     2   u8   number of ranges, 0 to 4
///     3   u8   0
///     4   u32  window: bytes that may be sent beyond `ack`
///     8   u64  offset of the first payload byte in the stream
///     16  u64  ack: all before this offset has arrived; the end of the stream
///              counts as one byte
///     24  u32  sender's clock, microseconds, wraps around
///     28  u32  the last such clock value heard from the receiver of this
///     32       ranges that have arrived beyond `ack`: u64 begin, u64 end
///     ...      payload
struct stream_segment {
  static constexpr uint8_t version = 1;
  static constexpr size_t ranges_max = 4;
  static constexpr size_t header_size = 32;
  static constexpr size_t range_size = 16;
  /// Offsets beyond this are refused, so that sums can't wrap around.
  static constexpr uint64_t offset_max = uint64_t{1} << 62;

  bool end_of_stream = false;
  bool reset = false;
  bool answer = false;
  uint32_t window = 0;
  uint64_t offset = 0;
  uint64_t ack = 0;
  uint32_t clock = 0;
  uint32_t echo = 0;
  size_t range_count = 0;
  std::array<byte_range, ranges_max> ranges;
  /// Points into the datagram when it was read from one.
  std::span<const uint8_t> payload;
};

/// Appends everything but the payload to `out`.
void write_header(const stream_segment& segment, std::vector<uint8_t>& out);

/// Reads a datagram; the payload points into it. Errors: malformed_input.
[[nodiscard]] result<stream_segment>
read_segment(std::span<const uint8_t> datagram);

} // namespace starling::link
