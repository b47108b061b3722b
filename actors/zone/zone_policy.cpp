#include "actors/zone/zone_policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace starling::zone {

namespace {

using std::chrono::duration_cast;
using std::chrono::nanoseconds;
using std::chrono::seconds;

long long in_seconds(nanoseconds x) {
  return static_cast<long long>(duration_cast<seconds>(x).count());
}

failure invalid(std::string_view what) {
  return {ec::invalid_option, fmt::format("zone policy: {}", what)};
}

} // namespace

result<zone_policy> zone_policy::make(const options& opts) {
  // Written so that NaN fails too.
  const auto ordered = opts.trust_below > 0.0
                       && opts.trust_below <= opts.monitor_above
                       && opts.monitor_above <= opts.quarantine_above
                       && opts.quarantine_above <= 1.0;
  if (!ordered)
    return invalid("thresholds must rise: 0 < trust_below <= monitor_above <= "
                   "quarantine_above <= 1");
  if (!(opts.calm_share > 0.0 && opts.calm_share <= 1.0))
    return invalid("calm_share must be above 0, up to 1");
  if (!(opts.calm_rows > 0.0 && opts.calm_rows <= 1e6))
    return invalid("calm_rows must be above 0, up to 1e6");
  if (opts.strikes_max == 0)
    return invalid("strikes_max must be 1 or more");
  for (auto span : {opts.quarantine_duration, opts.monitor_stay, opts.probation,
                    opts.strike_lifetime, opts.isolation_duration})
    if (span < nanoseconds::zero())
      return invalid("durations must not be negative");
  if (opts.strike_lifetime == nanoseconds::zero())
    return invalid("strike_lifetime must be above zero");
  return zone_policy{opts};
}

zone_policy::zone_policy(const options& opts) : opts_{opts} {
  // nop
}

std::optional<zone_change> zone_policy::observe(double level,
                                                clock::time_point now) {
  forgive(now);
  const auto unknown = std::isnan(level);
  last_level_ = unknown ? opts_.monitor_above : level;
  const auto calm = last_level_ < opts_.trust_below ? 1.0 : 0.0;
  calm_ += (1.0 - std::exp2(-1.0 / opts_.calm_rows)) * (calm - calm_);
  if (last_level_ > opts_.quarantine_above)
    return alarm(last_level_, now);
  if (unknown || last_level_ > opts_.monitor_above) {
    last_unrest_ = now;
    if (zone_ == trust_zone::trusted)
      return move_to(trust_zone::monitored, now,
                     unknown ? std::string{"the level can't be told"}
                             : fmt::format("level {:.3f} is above {}", level,
                                           opts_.monitor_above));
  }
  return improve(now);
}

std::optional<zone_change> zone_policy::tick(clock::time_point now) {
  forgive(now);
  return improve(now);
}

std::optional<zone_change> zone_policy::release(clock::time_point now) {
  if (zone_ != trust_zone::quarantined && zone_ != trust_zone::isolated)
    return std::nullopt;
  strikes_ = 0;
  on_probation_ = true;
  return move_to(trust_zone::monitored, now, "released by an operator");
}

/// Takes back a strike for each `strike_lifetime` without a new one. Who is
/// isolated earns nothing by waiting.
void zone_policy::forgive(clock::time_point now) {
  while (strikes_ > 0 && zone_ != trust_zone::isolated
         && now - last_strike_ >= opts_.strike_lifetime) {
    --strikes_;
    last_strike_ += opts_.strike_lifetime;
  }
}

std::optional<zone_change> zone_policy::alarm(double level,
                                              clock::time_point now) {
  last_alarm_ = now;
  last_unrest_ = now;
  if (zone_ == trust_zone::isolated)
    return std::nullopt;
  if (zone_ == trust_zone::quarantined
      && now - last_strike_ < opts_.quarantine_duration)
    return std::nullopt;
  ++strikes_;
  last_strike_ = now;
  on_probation_ = true;
  calm_ = 0.0;
  if (strikes_ >= opts_.strikes_max)
    return move_to(trust_zone::isolated, now,
                   fmt::format("level {:.3f} is above {}: strike {} of {}",
                               level, opts_.quarantine_above, strikes_,
                               opts_.strikes_max));
  if (zone_ == trust_zone::quarantined)
    return std::nullopt;
  return move_to(trust_zone::quarantined, now,
                 fmt::format("level {:.3f} is above {}: strike {} of {}", level,
                             opts_.quarantine_above, strikes_,
                             opts_.strikes_max));
}

std::optional<zone_change> zone_policy::improve(clock::time_point now) {
  switch (zone_) {
    case trust_zone::trusted:
      return std::nullopt;
    case trust_zone::monitored: {
      const auto stay = on_probation_ ? opts_.probation : opts_.monitor_stay;
      if (now - std::max(since_, last_unrest_) < stay
          || calm_ < opts_.calm_share)
        return std::nullopt;
      on_probation_ = false;
      return move_to(trust_zone::trusted, now,
                     fmt::format("calm for {} s", in_seconds(stay)));
    }
    case trust_zone::quarantined:
      if (now - std::max(since_, last_alarm_) < opts_.quarantine_duration)
        return std::nullopt;
      return move_to(trust_zone::monitored, now,
                     fmt::format("no alarm for {} s: on probation",
                                 in_seconds(opts_.quarantine_duration)));
    case trust_zone::isolated:
      return leave_isolation(now);
  }
  return std::nullopt;
}

std::optional<zone_change> zone_policy::leave_isolation(clock::time_point now) {
  const auto forever = opts_.isolation_duration == nanoseconds::zero();
  if (forever || now - std::max(since_, last_alarm_) < opts_.isolation_duration)
    return std::nullopt;
  strikes_ = opts_.strikes_max - 1;
  last_strike_ = now;
  return move_to(
    trust_zone::quarantined, now,
    fmt::format("no alarm for {} s", in_seconds(opts_.isolation_duration)));
}

zone_change zone_policy::move_to(trust_zone to, clock::time_point now,
                                 std::string reason) {
  const auto from = std::exchange(zone_, to);
  since_ = now;
  return {from, to, std::move(reason), last_level_, strikes_};
}

} // namespace starling::zone
