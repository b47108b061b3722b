#pragma once

#include "messages/peer_id.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace starling::identity {

/// Collects the bytes that a signature covers, so that different records never
/// give equal bytes: fields come in a fixed order, numbers take eight bytes,
/// big-endian, and what can vary in length is preceded by its length.
///
/// Why not sign the wire bytes: Cap'n Proto has many encodings for one record,
/// and a record must be checkable after it was stored and sent again.
class canonical_bytes {
public:
  canonical_bytes& number(uint64_t value);
  canonical_bytes& id(const peer_id& value);
  canonical_bytes& text(std::string_view value);

  /// Whole seconds since 1970, rounded down.
  canonical_bytes& time(std::chrono::system_clock::time_point value);

  [[nodiscard]] const std::vector<uint8_t>& get() const noexcept {
    return bytes_;
  }

private:
  std::vector<uint8_t> bytes_;
};

/// Last second that records may name: 2^33, in the year 2242. A clock that
/// counts nanoseconds in 64 bits ends in 2262.
inline constexpr int64_t record_seconds_max = int64_t{1} << 33;

/// Returns the whole seconds since 1970, rounded down.
[[nodiscard]] int64_t
seconds_since_1970(std::chrono::system_clock::time_point value);

/// Returns nothing for seconds outside 0 to `record_seconds_max`.
[[nodiscard]] std::optional<std::chrono::sys_seconds>
time_from_seconds(int64_t value);

/// May a record name that time?
[[nodiscard]] bool is_record_time(std::chrono::system_clock::time_point value);

} // namespace starling::identity
