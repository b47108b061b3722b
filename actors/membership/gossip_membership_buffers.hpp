#pragma once

#include <caf/byte_buffer.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace starling::membership {

/// Bytes as CAF's messages carry them, and as the codecs take them.

inline std::span<const uint8_t> bytes_of(const caf::byte_buffer& x) {
  return {reinterpret_cast<const uint8_t*>(x.data()), x.size()};
}

inline caf::byte_buffer buffer_of(const std::vector<uint8_t>& x) {
  const auto* begin = reinterpret_cast<const caf::byte*>(x.data());
  return {begin, begin + x.size()};
}

} // namespace starling::membership
