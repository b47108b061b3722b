#pragma once

#include "runtime/trust/conduct.hpp"

#include <chrono>

namespace starling::zone {

/// What one peer is worth to this node by what it did, in [0, 1].
///
/// Strangers have 0.5. A good deed moves the reputation a small share of the
/// way to 1, a bad one a greater share of the way to 0, so that it is earned
/// slowly and lost quickly; and in each hour it loses a share of its distance
/// to 0.5, since old deeds say little about today.
///
/// Why not a sum of points: whoever collected many would have a licence to
/// cheat. Why not count each good deed: a peer could answer cheap requests by
/// the thousand; here one in `good_interval` counts, so that standing is earned
/// by time and not by volume. Silence counts against a peer down to
/// `silence_least` only: a cut cable must not look like malice.
class reputation {
public:
  using clock = std::chrono::steady_clock;

  static constexpr double neutral = 0.5;

  struct options {
    /// Share of the distance to neutral that is lost in an hour, [0, 1].
    double decay_per_hour = 0.01;
    /// Shares of the way that a deed moves it.
    double answered = 0.005;
    double sound_news = 0.005;
    double unanswered = 0.05;
    double refused_news = 0.2;
    double forged = 0.25;
    double violation = 0.25;
    double agent_cut_off = 0.2;
    double silence_least = 0.25;
    /// At most one good deed, and one silence, count in that time.
    std::chrono::nanoseconds good_interval = std::chrono::seconds{1};
  };

  reputation(const options& opts, clock::time_point now);

  /// @pre `now` is not before the last call.
  void note(conduct what, clock::time_point now);

  [[nodiscard]] double value(clock::time_point now) const;

  /// A second chance: lifts the reputation to `least` if it is lower.
  void lift(double least, clock::time_point now);

  /// Says whether that counts against a peer.
  [[nodiscard]] static bool is_bad(conduct what);

private:
  [[nodiscard]] double weight_of(conduct what) const;

  options opts_;
  double value_ = neutral;
  clock::time_point valued_at_;
  clock::time_point next_good_;
  clock::time_point next_silence_;
};

} // namespace starling::zone
