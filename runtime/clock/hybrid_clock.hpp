#pragma once

#include "runtime/result.hpp"

#include <chrono>
#include <compare>
#include <cstdint>

namespace starling::clock {

/// A wall clock's reading, handed in by the caller: time since the Unix epoch.
using physical_time = std::chrono::sys_time<std::chrono::microseconds>;

/// A point in hybrid time. Later stamps compare greater; two stamps of one
/// clock are never equal. The 64 bits hold 52 bits of microseconds since the
/// Unix epoch (good until the year 2112) above 12 bits that count events
/// within one microsecond.
struct timestamp {
  static constexpr unsigned counter_bits = 12;

  uint64_t bits = 0;

  /// Returns the stamp with that time and a counter of zero. Times before the
  /// epoch or beyond the range are clamped to it.
  [[nodiscard]] static timestamp from(physical_time time);

  /// Returns the time part: within the drift bound of real time.
  [[nodiscard]] physical_time physical() const;

  /// Returns the counter part, 0 to 4095.
  [[nodiscard]] uint32_t counter() const;

  friend auto operator<=>(const timestamp&, const timestamp&) = default;
};

/// Stamps events so that an effect is always later than its cause, also across
/// nodes, and yet stays close to wall-clock time.
///
/// Why not the wall clock alone: two nodes' clocks differ by milliseconds, so
/// an answer can seem older than its question. Why not a Lamport counter: it
/// says nothing about when something happened. A hybrid clock is the largest of
/// its own last stamp, the stamps it has heard and the wall clock; ties count
/// up. With both parts in one integer, "count up" is "add one": a counter that
/// overflows carries into the next microsecond.
///
/// A stamp from far in the future would drag every clock along with it, so what
/// is further ahead than `drift_max` is refused and leaves no trace.
///
/// Source: Kulkarni, Demirbas, Madappa, Avva, Leone, "Logical Physical Clocks",
/// OPODIS 2014, figure 5 (the algorithm) and section 6 (bounds, encoding).
class hybrid_clock {
public:
  struct options {
    /// How far a remote stamp may be ahead of the local wall clock.
    std::chrono::microseconds drift_max = std::chrono::milliseconds{500};
  };

  hybrid_clock() = default;

  explicit hybrid_clock(const options& opts) : opts_{opts} {
    // nop
  }

  /// Stamps a local event or a message about to be sent.
  timestamp now(physical_time physical);

  /// Takes in the stamp of a received message and stamps its arrival: the
  /// result is later than `remote` and than everything stamped here before.
  /// Errors: protocol_violation when `remote` is too far ahead; the clock is
  /// then as if nothing had come.
  result<timestamp> now(timestamp remote, physical_time physical);

  /// Continues after a restart: later stamps are greater than `last`.
  void resume_after(timestamp last);

  /// Returns the last stamp given out, zero if there was none.
  [[nodiscard]] timestamp last() const {
    return last_;
  }

  /// Returns how far the stamps have run ahead of the wall clock, >= 0. It
  /// grows when the wall clock was set back.
  [[nodiscard]] std::chrono::microseconds ahead(physical_time physical) const;

private:
  options opts_;
  timestamp last_;
};

} // namespace starling::clock
