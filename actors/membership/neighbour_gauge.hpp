#pragma once

#include "messages/peer_id.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>

namespace starling::membership {

/// How good the link to a neighbour is, from the failure detector's own pings:
/// smoothed latency and the share of pings that were answered. Until the first
/// ping, which may be many periods away, the first answered request of any kind
/// says how long a round trip takes.
///
/// Both are exponential averages, so that one late answer does not move routes.
/// Source of the weight: RFC 6298, section 2 (alpha = 1/8).
class neighbour_gauge {
public:
  using clock = std::chrono::steady_clock;

  /// A ping leaves; one before it that is still open counts as lost. Returns
  /// whether there was one.
  bool sent(uint64_t sequence, clock::time_point now) {
    const auto is_lost = open_.has_value();
    if (is_lost)
      share_ -= share_ * weight;
    open_ = ping{sequence, now};
    return is_lost;
  }

  /// An answer came. Returns whether it was waited for.
  bool answered(uint64_t sequence, clock::time_point now) {
    if (!open_ || open_->sequence != sequence)
      return false;
    share_ += (1.0 - share_) * weight;
    const auto trip = std::chrono::duration<double, std::micro>(
      std::max(now - open_->at, clock::duration::zero()));
    trip_us_ = trip_us_ ? *trip_us_ + (trip.count() - *trip_us_) * weight
                        : trip.count();
    open_.reset();
    return true;
  }

  /// A request other than a ping was answered after `trip`.
  void first_trip(clock::duration trip) {
    if (!trip_us_)
      trip_us_ = std::chrono::duration<double, std::micro>(
                   std::max(trip, clock::duration::zero()))
                   .count();
  }

  /// One way, microseconds; 0 before the first answer.
  [[nodiscard]] uint32_t latency_us() const {
    return static_cast<uint32_t>(
      std::clamp(std::round(trip_us_.value_or(0.0) / 2.0), 0.0, 4e9));
  }

  /// Share of pings answered, [0, 1].
  [[nodiscard]] float reliability() const {
    return static_cast<float>(std::clamp(share_, 0.0, 1.0));
  }

private:
  static constexpr double weight = 0.125;

  struct ping {
    uint64_t sequence = 0;
    clock::time_point at;
  };

  std::optional<ping> open_;
  std::optional<double> trip_us_;
  double share_ = 1.0;
};

} // namespace starling::membership
