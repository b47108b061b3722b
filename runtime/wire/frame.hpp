#pragma once

#include "runtime/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace starling::wire {

/// How packets and streams share one session: every piece is preceded by eight
/// bytes, little-endian: channel (2), kind (1), flags (1), length of what
/// follows (4).
///
/// Channel 0 carries packets; any other channel is a stream, from `open` to
/// `close`, with credit for each direction. Numbers never change their meaning.
enum class frame_kind : uint8_t {
  /// An encoded packet (runtime/wire/packet_codec.hpp). Channel 0.
  packet = 1,
  /// Bytes of a stream, at least one.
  data = 2,
  /// The receiver of a stream lets its sender send so many bytes more: four
  /// bytes, little-endian, not 0.
  credit = 3,
  /// Begins a stream; what it is for, at most 256 bytes.
  open = 4,
  /// Ends a stream; why, at most 256 bytes.
  close = 5,
};

inline constexpr size_t frame_header_size = 8;

/// Longest text of `open` and `close`, bytes.
inline constexpr size_t frame_text_max = 256;

/// A frame; `payload` is valid during the call that hands it over.
struct frame_view {
  uint16_t channel = 0;
  frame_kind kind = frame_kind::packet;
  uint8_t flags = 0;
  std::span<const uint8_t> payload;
};

/// Bounds on what the other side sends.
struct frame_limits {
  /// Longest payload, bytes. The default holds a packet of 10 MB.
  size_t frame_max = 10'100'000;
  /// Flag bits that may be set.
  uint8_t flags_allowed = 0;
};

/// Appends one frame.
/// @pre the frame keeps the rules of its kind.
void append_frame(std::vector<uint8_t>& buffer, uint16_t channel,
                  frame_kind kind, uint8_t flags,
                  std::span<const uint8_t> payload);

/// Appends a frame of kind `credit`. @pre `channel` and `bytes` are not 0.
void append_credit(std::vector<uint8_t>& buffer, uint16_t channel,
                   uint32_t bytes);

/// Returns the bytes that a frame of kind `credit` grants.
/// @pre it came from a `frame_reader`, or keeps the rules of its kind.
[[nodiscard]] uint32_t credit_of(const frame_view& x);

/// Cuts a stream of bytes into frames. What arrives whole is handed over where
/// it lies; what arrives in parts is put together first. No memory is taken for
/// bytes that are only announced.
///
/// After an error the stream can't be followed any more: all later calls
/// return the first error.
class frame_reader {
public:
  explicit frame_reader(const frame_limits& limits = {});

  /// Takes bytes, calls `handler(const frame_view&)` for each frame that is
  /// complete. The handler must not call the reader. Errors: malformed_input,
  /// limit_reached; frames before the fault have been handed over.
  template <class Handler>
  result<void> feed(std::span<const uint8_t> bytes, Handler&& handler) {
    while (auto frame = next(bytes))
      handler(*frame);
    if (failed_)
      return *failed_;
    return {};
  }

  /// Returns the bytes that wait for the rest of their frame.
  [[nodiscard]] size_t waiting() const noexcept {
    return partial_done_ ? 0 : partial_.size();
  }

private:
  std::optional<frame_view> next(std::span<const uint8_t>& bytes);

  std::optional<frame_view> next_in_parts(std::span<const uint8_t>& bytes);

  /// Returns the frame unless its content is at fault.
  std::optional<frame_view> checked(const frame_view& x);

  /// Fills `partial_` up to `wanted` bytes; true if they are there.
  bool collect(std::span<const uint8_t>& bytes, size_t wanted);

  void forget_partial();

  frame_limits limits_;
  /// The beginning of a frame that came in parts.
  std::vector<uint8_t> partial_;
  /// `partial_` has been handed over.
  bool partial_done_ = false;
  std::optional<failure> failed_;
};

} // namespace starling::wire
