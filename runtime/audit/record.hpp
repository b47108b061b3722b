#pragma once

#include "runtime/clock/hybrid_clock.hpp"
#include "runtime/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace starling::audit {

/// SHA-256.
using digest = std::array<uint8_t, 32>;

/// What happened, as the one who saw it tells it.
struct event {
  clock::timestamp time;
  /// What happened, e.g. "session.refused": 1 to 64 of [a-z0-9._-]. "audit."
  /// is kept for the log itself.
  std::string kind;
  /// To whom, usually a peer id; up to 256 bytes.
  std::string subject;
  /// Up to 16 pairs; names up to 64 bytes, values up to 1024.
  std::map<std::string, std::string> detail;

  friend bool operator==(const event&, const event&) = default;
};

/// A place in the chain: the entry with that number has that hash. Zero stands
/// before the first entry.
struct position {
  uint64_t seq = 0;
  digest hash{};

  friend bool operator==(const position&, const position&) = default;
};

/// One entry of the log. On file it is one line of JSON:
///
///     {"detail":{"why":"expired"},"hash":"91ab...","kind":"token.refused",
///      "prev":"07cd...","seq":7,"subject":"4fe2...","time":7031...}
///
/// without line breaks or blanks between members, names sorted, UTF-8 as it is
/// (RFC 8259 with one spelling per value). `hash` is the SHA-256 of
/// "starling.audit.entry.v1\n" and the same line without its hash member.
/// Since `prev` is in there, each hash stands for all entries before it. The
/// format needs nothing but a JSON library and SHA-256 to check.
struct record {
  uint64_t seq = 0;
  event what;
  digest prev{};
  digest hash{};

  [[nodiscard]] position place() const {
    return {seq, hash};
  }
};

/// Bytes of the longest line, line break not counted.
inline constexpr size_t line_max = 128 * 1024;

/// Bytes of the longest subject and detail value. What is longer is cut, since
/// whoever is refused must not escape the log by being verbose.
inline constexpr size_t subject_max = 256;
inline constexpr size_t detail_max = 16;
inline constexpr size_t detail_name_max = 64;
inline constexpr size_t detail_value_max = 1024;

/// Returns the event with everything cut to its bounds and made valid UTF-8.
[[nodiscard]] event bounded(const event& x);

/// Returns the line without its hash member.
[[nodiscard]] std::string text_without_hash(const record& x);

/// Returns the hash that `x` has to have.
[[nodiscard]] digest hash_of(const record& x);

/// Returns the line, without line break.
[[nodiscard]] std::string to_line(const record& x);

/// Reads a line and checks that it is spelt as `to_line` would; the hash is not
/// checked. Errors: malformed_input.
[[nodiscard]] result<record> parse_record(std::string_view line);

/// Lower-case hexadecimal digits.
[[nodiscard]] std::string to_text(const digest& x);

} // namespace starling::audit
