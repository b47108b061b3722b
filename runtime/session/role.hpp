#pragma once

#include <cstdint>

namespace starling::session {

/// Who opened the stream. The two sides sign under different labels and use
/// different keys, so that neither can be played against itself.
enum class role : uint8_t { initiator, responder };

/// Returns the role at the other end.
[[nodiscard]] constexpr role other(role x) {
  return x == role::initiator ? role::responder : role::initiator;
}

} // namespace starling::session
