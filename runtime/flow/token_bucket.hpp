#pragma once

#include <chrono>
#include <cstdint>

namespace starling::flow {

/// Lets so much through a second, and a burst after a pause.
///
/// Something may pass while the bucket holds anything at all, even if it then
/// owes: so a large packet passes a small bucket and is paid for afterwards.
/// Why not wait until the bucket holds its full price: what costs more than the
/// bucket can hold would never pass.
///
/// What is kept is the moment at which all that has passed is paid for; the
/// bucket owes while that lies ahead. Whole nanoseconds with their remainder,
/// so nothing is lost to rounding. The caller brings the time.
///
/// Source: ITU-T I.371, annex A, generic cell rate algorithm (virtual
/// scheduling).
class token_bucket {
public:
  using clock = std::chrono::steady_clock;

  /// Largest rate, units a second; a larger one counts as this.
  static constexpr uint64_t rate_max = 10'000'000'000;

  struct options {
    /// Units a second, e.g. bytes; 0 means no limit.
    uint64_t rate = 0;
    /// What can be saved up, units.
    uint64_t burst = 1;
  };

  /// Starts full.
  token_bucket(const options& opts, clock::time_point now);

  /// Takes `units` if the bucket holds anything; false if it does not.
  /// @pre `now` is not before the last call.
  bool take(uint64_t units, clock::time_point now);

  /// Pays for `units` at once and returns when they may pass, not before `now`:
  /// those who are to wait do so in the order in which they asked.
  /// @pre `now` is not before the last call.
  clock::time_point reserve(uint64_t units, clock::time_point now);

  /// Returns the first moment, not before `now`, at which `take` succeeds.
  [[nodiscard]] clock::time_point open_at(clock::time_point now) const;

private:
  [[nodiscard]] std::chrono::nanoseconds pay_for(uint64_t units);

  uint64_t rate_;
  std::chrono::nanoseconds burst_time_{};
  /// What of a nanosecond is still to be paid, in 1/rate.
  uint64_t remainder_ = 0;
  clock::time_point paid_until_;
};

} // namespace starling::flow
