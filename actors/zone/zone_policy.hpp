#pragma once

#include "messages/trust_zone.hpp"
#include "runtime/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace starling::zone {

using starling::name_of;
using starling::trust_zone;

/// One step of an agent from zone to zone.
struct zone_change {
  trust_zone from = trust_zone::trusted;
  trust_zone to = trust_zone::trusted;
  /// A sentence for the audit log.
  std::string reason;
  /// The level that decided, in [0, 1].
  double level = 0.0;
  /// Strikes that are not forgiven, this one counted.
  uint32_t strikes = 0;
};

/// Which zone an agent belongs in, from the levels its detector gives.
///
/// Bad news counts at once, good news only after a while: a level above
/// `quarantine_above` quarantines on the row that shows it, while the way back
/// leads through a minimum stay, calm rows and a probation in MONITORED.
/// Whoever is quarantined again and again is ISOLATED.
///
/// Why not plain thresholds: a level that hovers about a threshold would open
/// and close links on every row, and an attacker who strikes, rests and
/// strikes again (on-off) would be free half of the time.
class zone_policy {
public:
  using clock = std::chrono::steady_clock;

  struct options {
    /// Quarantined on the spot above this level.
    double quarantine_above = 0.95;
    /// Monitored above this level.
    double monitor_above = 0.8;
    /// Calm below this level: only calm rows lead back to TRUSTED.
    double trust_below = 0.3;
    /// Time in QUARANTINED, counted from the last level above
    /// `quarantine_above`, before the agent gets its probation.
    std::chrono::nanoseconds quarantine_duration = std::chrono::seconds{3600};
    /// Least time in MONITORED before TRUSTED, counted from the last level
    /// above `monitor_above`, when the agent came from TRUSTED.
    std::chrono::nanoseconds monitor_stay = std::chrono::seconds{300};
    /// The same for agents that come out of quarantine.
    std::chrono::nanoseconds probation = std::chrono::seconds{1800};
    /// Share of calm rows among the recent ones that ends MONITORED, in
    /// (0, 1].
    double calm_share = 0.7;
    /// How many rows "recent" means in `calm_share`: a half-life, in rows.
    double calm_rows = 8.0;
    /// A strike is one entry into QUARANTINED, or an alarm when the quarantine
    /// should be over; with this many the agent is ISOLATED.
    uint32_t strikes_max = 3;
    /// A strike is forgiven after this long without another one.
    std::chrono::nanoseconds strike_lifetime = std::chrono::hours{24};
    /// Time in ISOLATED, counted from the last level above
    /// `quarantine_above`, before QUARANTINED, where the next strike isolates
    /// again; zero: only `release` ends it.
    std::chrono::nanoseconds isolation_duration = std::chrono::hours{24};
  };

  /// An agent starts in TRUSTED. Errors: invalid_option.
  [[nodiscard]] static result<zone_policy> make(const options& opts);

  /// Takes one level, in [0, 1]; NaN counts as `monitor_above`, since an agent
  /// that can't be judged is not to be trusted.
  /// @pre `now` is not before the last call.
  std::optional<zone_change> observe(double level, clock::time_point now);

  /// Lets time alone do its work: agents in quarantine may be silent.
  /// @pre `now` is not before the last call.
  std::optional<zone_change> tick(clock::time_point now);

  /// An operator's verdict: moves the agent to MONITORED, on probation, and
  /// forgives its strikes. Nothing if it is not cut off.
  std::optional<zone_change> release(clock::time_point now);

  [[nodiscard]] trust_zone current() const {
    return zone_;
  }

  /// Returns the strikes that are not forgiven yet.
  [[nodiscard]] uint32_t strikes() const {
    return strikes_;
  }

  /// Returns when the present zone was entered; the clock's epoch at the start.
  [[nodiscard]] clock::time_point since() const {
    return since_;
  }

private:
  explicit zone_policy(const options& opts);

  void forgive(clock::time_point now);

  std::optional<zone_change> alarm(double level, clock::time_point now);

  std::optional<zone_change> improve(clock::time_point now);

  [[nodiscard]] std::optional<zone_change>
  leave_isolation(clock::time_point now);

  zone_change move_to(trust_zone to, clock::time_point now, std::string reason);

  options opts_;
  trust_zone zone_ = trust_zone::trusted;
  uint32_t strikes_ = 0;
  bool on_probation_ = false;
  double last_level_ = 0.0;
  double calm_ = 1.0;
  clock::time_point since_{};
  clock::time_point last_alarm_{};  // above quarantine_above
  clock::time_point last_unrest_{}; // above monitor_above
  clock::time_point last_strike_{};
};

} // namespace starling::zone
