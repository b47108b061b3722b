#include "runtime/wire/frame.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace starling::wire {

namespace {

using const_bytes = std::span<const uint8_t>;

constexpr size_t credit_size = 4;

/// Memory kept for the next frame that comes in parts, bytes.
constexpr size_t partial_kept_max = 65'536;

uint32_t load_u32(const uint8_t* from) {
  return uint32_t{from[0]} | uint32_t{from[1]} << 8 | uint32_t{from[2]} << 16
         | uint32_t{from[3]} << 24;
}

std::array<uint8_t, 4> bytes_of(uint32_t value) {
  return {static_cast<uint8_t>(value & 0xff),
          static_cast<uint8_t>(value >> 8 & 0xff),
          static_cast<uint8_t>(value >> 16 & 0xff),
          static_cast<uint8_t>(value >> 24 & 0xff)};
}

struct frame_header {
  uint16_t channel;
  uint8_t kind;
  uint8_t flags;
  uint32_t length;
};

frame_header header_at(const uint8_t* from) {
  return {static_cast<uint16_t>(from[0] | from[1] << 8), from[2], from[3],
          load_u32(from + 4)};
}

frame_view view_of(const frame_header& head, const_bytes payload) {
  return {head.channel, static_cast<frame_kind>(head.kind), head.flags,
          payload};
}

/// Returns what is wrong with the frame; nothing if it may come.
std::optional<failure> fault_of(const frame_header& head,
                                const frame_limits& limits) {
  const auto malformed = [&](const char* what) {
    return failure{ec::malformed_input, "frame on channel "
                                          + std::to_string(head.channel) + ": "
                                          + what};
  };
  if (head.kind < static_cast<uint8_t>(frame_kind::packet)
      || head.kind > static_cast<uint8_t>(frame_kind::close))
    return malformed("its kind is not known");
  if ((head.flags & ~limits.flags_allowed) != 0)
    return malformed("it has flags that nobody agreed on");
  const auto kind = static_cast<frame_kind>(head.kind);
  if ((kind == frame_kind::packet) != (head.channel == 0))
    return malformed("channel 0 is for packets, others are for streams");
  if (kind == frame_kind::credit && head.length != credit_size)
    return malformed("credit takes four bytes");
  if ((kind == frame_kind::packet || kind == frame_kind::data)
      && head.length == 0)
    return malformed("it is empty");
  const auto is_text = kind == frame_kind::open || kind == frame_kind::close;
  const auto length_max
    = is_text ? std::min(frame_text_max, limits.frame_max) : limits.frame_max;
  if (head.length > length_max)
    return failure{ec::limit_reached,
                   "frame on channel " + std::to_string(head.channel) + " has "
                     + std::to_string(head.length) + " bytes, at most "
                     + std::to_string(length_max) + " are taken"};
  return std::nullopt;
}

} // namespace

void append_frame(std::vector<uint8_t>& buffer, uint16_t channel,
                  frame_kind kind, uint8_t flags, const_bytes payload) {
  assert(payload.size() <= UINT32_MAX);
  assert((kind == frame_kind::packet) == (channel == 0));
  const auto length = bytes_of(static_cast<uint32_t>(payload.size()));
  const uint8_t head[frame_header_size] = {
    static_cast<uint8_t>(channel & 0xff),
    static_cast<uint8_t>(channel >> 8),
    static_cast<uint8_t>(kind),
    flags,
    length[0],
    length[1],
    length[2],
    length[3],
  };
  buffer.insert(buffer.end(), std::begin(head), std::end(head));
  buffer.insert(buffer.end(), payload.begin(), payload.end());
}

void append_credit(std::vector<uint8_t>& buffer, uint16_t channel,
                   uint32_t bytes) {
  assert(channel != 0 && bytes != 0);
  append_frame(buffer, channel, frame_kind::credit, 0, bytes_of(bytes));
}

uint32_t credit_of(const frame_view& x) {
  assert(x.kind == frame_kind::credit && x.payload.size() == credit_size);
  return load_u32(x.payload.data());
}

frame_reader::frame_reader(const frame_limits& limits) : limits_{limits} {
  // nop
}

std::optional<frame_view> frame_reader::next(const_bytes& bytes) {
  if (partial_done_)
    forget_partial();
  if (failed_)
    return std::nullopt;
  if (partial_.empty() && bytes.size() >= frame_header_size) {
    const auto head = header_at(bytes.data());
    if (failed_ = fault_of(head, limits_); failed_)
      return std::nullopt;
    if (bytes.size() - frame_header_size >= head.length) {
      const auto payload = bytes.subspan(frame_header_size, head.length);
      bytes = bytes.subspan(frame_header_size + head.length);
      return checked(view_of(head, payload));
    }
  }
  return next_in_parts(bytes);
}

std::optional<frame_view> frame_reader::next_in_parts(const_bytes& bytes) {
  if (!collect(bytes, frame_header_size))
    return std::nullopt;
  const auto head = header_at(partial_.data());
  if (failed_ = fault_of(head, limits_); failed_)
    return std::nullopt;
  if (!collect(bytes, frame_header_size + head.length))
    return std::nullopt;
  partial_done_ = true;
  return checked(
    view_of(head, const_bytes{partial_}.subspan(frame_header_size)));
}

std::optional<frame_view> frame_reader::checked(const frame_view& x) {
  if (x.kind != frame_kind::credit || credit_of(x) != 0)
    return x;
  failed_ = failure{ec::malformed_input, "frame on channel "
                                           + std::to_string(x.channel)
                                           + ": credit of nothing"};
  return std::nullopt;
}

bool frame_reader::collect(const_bytes& bytes, size_t wanted) {
  if (partial_.size() < wanted) {
    const auto count = std::min(wanted - partial_.size(), bytes.size());
    const auto part = bytes.first(count);
    partial_.insert(partial_.end(), part.begin(), part.end());
    bytes = bytes.subspan(count);
  }
  return partial_.size() >= wanted;
}

void frame_reader::forget_partial() {
  partial_.clear();
  // One large frame must not hold its memory for ever.
  if (partial_.capacity() > partial_kept_max)
    partial_.shrink_to_fit();
  partial_done_ = false;
}

} // namespace starling::wire
