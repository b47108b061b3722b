#pragma once

#include "messages/error.hpp"
#include "runtime/result.hpp"
#include "runtime/session/session_context.hpp"
#include "runtime/wire/frame.hpp"

#include <caf/byte_buffer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace starling::peer {

// What the parts of `session_peer` share.

/// Channels inside a session; numbers never change their meaning.
inline constexpr uint16_t packet_channel = 0;
inline constexpr uint16_t control_channel = 1;
inline constexpr uint16_t basp_channel = 2;

/// Packets carry routes and signs of life of the cluster beside data, so they
/// get four times the share of BASP where both wait.
inline constexpr uint8_t packet_priority = 5;
inline constexpr uint8_t basp_priority = 3;

inline std::span<const uint8_t> bytes_of(const caf::byte_buffer& x) {
  return {reinterpret_cast<const uint8_t*>(x.data()), x.size()};
}

inline void append(caf::byte_buffer& to, std::span<const uint8_t> from) {
  const auto* begin = reinterpret_cast<const caf::byte*>(from.data());
  to.insert(to.end(), begin, begin + from.size());
}

inline caf::error to_error(const failure& x) {
  return caf::make_error(x.code, x.text);
}

/// Returns the longest payload of a frame that fits into a record, so that the
/// other side finds it whole where it was decrypted, and control gets between
/// two pieces of a stream.
inline size_t piece_max(const session::session_context& context) {
  return std::max(context.options.record_payload_max,
                  2 * wire::frame_header_size)
         - wire::frame_header_size;
}

} // namespace starling::peer
