#pragma once

#include "runtime/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace starling::peer {

/// Flag of a frame whose payload is compressed. Only peers that said in their
/// hello that they can read it get such frames.
inline constexpr uint8_t frame_compressed = 1;

/// Bits of `hello::compression`.
inline constexpr uint8_t compression_lz4 = 1;

/// Makes the payloads of frames smaller where that is worth it.
///
/// Each payload stands alone: there is no dictionary and no state that one
/// frame leaves for the next. Why not one context for the session, which
/// shrinks more: the length of what one agent sends would then tell what
/// another one sent.
///
/// Most agents send either what shrinks well or what does not shrink at all, so
/// after a payload that did not, some pass untried: at first a few, then twice
/// as many each time.
///
/// Layout: length before compression (4 bytes, little-endian), one LZ4 block.
/// Source: LZ4 block format description, 2022-07-31.
class frame_compressor {
public:
  struct options {
    /// Smaller payloads are not tried: what they save is less than a record's
    /// overhead. Bytes.
    size_t size_min = 256;
    /// A payload has to shrink to this share at most; what shrinks less is not
    /// worth the other side's time.
    double share_max = 0.9;
    /// Payloads that pass untried after one that did not shrink.
    uint32_t pause_min = 8;
    uint32_t pause_max = 1'024;
  };

  frame_compressor() = default;

  explicit frame_compressor(const options& opts) : opts_{opts} {
    // nop
  }

  /// Returns what to send in place of the payload, valid until the next call;
  /// nothing if the payload shall go as it is.
  std::optional<std::span<const uint8_t>>
  compress(std::span<const uint8_t> payload);

private:
  options opts_;
  std::vector<uint8_t> out_;
  /// Payloads that are still to pass untried, and the last pause.
  uint32_t untried_ = 0;
  uint32_t pause_ = 0;
};

/// Restores payloads. What comes in is hostile: no memory is taken for more
/// than `size_max` bytes, nor for more than the input can hold (LZ4 yields at
/// most 255 bytes for one).
class frame_expander {
public:
  explicit frame_expander(size_t size_max) : size_max_{size_max} {
    // nop
  }

  /// Returns the payload as it was, valid until the next call. Errors:
  /// malformed_input, limit_reached.
  result<std::span<const uint8_t>> expand(std::span<const uint8_t> payload);

private:
  size_t size_max_;
  std::vector<uint8_t> out_;
};

} // namespace starling::peer
