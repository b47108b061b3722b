#pragma once

#include "actors/experiment/dataset.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace starling::experiment {

/// Which anomalies are put into the test rows.
struct injection_choice {
  /// One of `injection_kinds`; empty: none, the data's own labels count.
  std::string kind;
  /// In deviations of a feature; 2, 4 and 8 are called weak, medium, strong.
  /// Greater than 0, at most 100.
  double strength = 4.0;
  /// Part of the test rows that is anomalous afterwards, in (0, 0.3].
  double share = 0.05;
  /// The same seed puts stretches of one kind at the same rows of an entity and
  /// into the same features, whatever the strength.
  uint64_t seed = 1;

  friend bool operator==(const injection_choice&, const injection_choice&)
    = default;
};

/// Greatest share of anomalous rows.
inline constexpr double injection_share_max = 0.3;
inline constexpr double injection_strength_max = 100.0;

/// Rows around true anomalies that are cut out with them.
inline constexpr size_t injection_guard_rows = 10;

/// Returns the kinds of behaviour that can be put in. The deviation of a
/// feature is 1.4826 times the median absolute deviation of its training rows;
/// where that is 0, their standard deviation. Features that are constant in
/// training are left alone. A stretch is half to one and a half times as long
/// as its kind says:
/// - "spike": a quarter of the features is `strength` deviations off, up or
///   down, for 1 row;
/// - "level-shift": the same for about 30 rows;
/// - "drift": the same, but growing evenly from 0 over about 60 rows: the first
///   of them are anomalous only by name;
/// - "surge": all features are off, `strength` deviations in the root mean
///   square, in proportions that they had at some other time, for about 30
///   rows: they move as they do together, only further;
/// - "broken-correlation": strength/8 of the features, two at least, show what
///   they were at other times, each at another one, for about 30 rows: single
///   values are as usual, their combination is not;
/// - "mimicry": every feature is moved `strength` deviations, up or down by
///   lot, for about 30 rows, but kept within its 5 % and 95 % quantiles: what
///   an attacker does who knows the usual range of each feature;
/// - "impersonation": strength/8 of the features, two at least, are those of
///   another agent, for about 30 rows;
/// - "frozen": strength/8 of the features, one at least, stay as they were
///   before, for about 30 rows.
[[nodiscard]] std::span<const std::string_view> injection_kinds();

/// Whether `kind` needs rows of another entity.
[[nodiscard]] bool needs_donor(const injection_choice& choice);

/// What was put in: rows [begin, end) and features by index.
struct injected_stretch {
  size_t begin = 0;
  size_t end = 0;
  std::vector<size_t> features;
};

/// Puts anomalies into test rows, whose labels then say where they are.
///
/// Rows that the data itself labels anomalous, and `injection_guard_rows`
/// around each, are cut out before: nobody knows how strange they are, so they
/// can count neither as found nor as false alarms. `t` keeps the numbers that
/// rows had, so that a reader sees the gaps.
///
/// `training` are the entity's clean training rows. `donor` has rows of another
/// entity with as many features where `needs_donor`, else it may be null.
/// Errors: invalid_option (unknown kind, a value out of range, no donor, other
/// features than in training); malformed_input (no labels, or fewer than 100
/// rows are left).
result<std::vector<injected_stretch>>
inject(table& target, const table& training, const table* donor,
       const injection_choice& choice);

} // namespace starling::experiment
