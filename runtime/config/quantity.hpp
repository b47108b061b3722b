#pragma once

#include "runtime/result.hpp"

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace starling::config {

/// An amount of bytes. Text: a whole number or a decimal with a unit, "512B",
/// "10MB" (10^6), "64KiB" (2^10); units B, kB, KB, MB, GB, TB, KiB, MiB, GiB,
/// TiB.
struct byte_size {
  uint64_t bytes = 0;

  friend auto operator<=>(const byte_size&, const byte_size&) = default;
};

/// Bytes per second. Text: as `byte_size`, followed by "/s".
struct byte_rate {
  uint64_t bytes_per_second = 0;

  friend auto operator<=>(const byte_rate&, const byte_rate&) = default;
};

/// Reads a duration: a number with one of the units ns, us, ms, s, min, h, d,
/// such as "30s", "1.5h" or "250ms". Errors: invalid_option.
[[nodiscard]] result<std::chrono::nanoseconds>
parse_duration(std::string_view text);

/// Reads an amount of bytes. Errors: invalid_option.
[[nodiscard]] result<byte_size> parse_byte_size(std::string_view text);

/// Reads a rate; the "/s" may be missing. Errors: invalid_option.
[[nodiscard]] result<byte_rate> parse_byte_rate(std::string_view text);

/// Writes the largest unit that leaves a whole number: "90s", "250ms", "1h".
[[nodiscard]] std::string to_text(std::chrono::nanoseconds x);

/// Writes the largest unit that leaves a whole number: "10MB", "64KiB", "1B".
[[nodiscard]] std::string to_text(byte_size x);
[[nodiscard]] std::string to_text(byte_rate x);

} // namespace starling::config
