#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace starling::basp {

/// Returns the length of the BASP message that `stream` begins with, header
/// included; all of `stream` if it ends within that message. Bytes.
/// Source: CAF 0.18 manual, BASP: the payload's length stands behind four
/// bytes of operation and flags, big-endian.
[[nodiscard]] size_t message_size(std::span<const uint8_t> stream);

} // namespace starling::basp
