#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace starling::detector {

/// What is usual for one feature, in its own unit.
struct feature_range {
  double middle = 0.0;
  /// Above zero.
  double deviation = 1.0;
};

/// Brings features of any unit to a common scale: how many running deviations
/// from the running mean, at most `reach_max` either way.
///
/// What is added is clipped first, `outlier_reach` deviations out, so that one
/// wild value can't blow up the scale and hide what follows. Clipping harder,
/// as medians do in effect, serves badly here: bursts are part of normal server
/// behaviour, and a scale that ignores them calls each of them strange.
///
/// Where a feature comes in another unit from some row on, bytes that were
/// kilobytes, what is known of it is brought to the new unit once that has
/// lasted (`follow_units`): to learn it anew would take as long as to forget,
/// and meanwhile the feature would hide what the others do.
///
/// A feature that never moved has a deviation of a small part of its largest
/// magnitude, so that its first move counts `reach_max`, in any unit.
class feature_scaler {
public:
  struct options {
    size_t features = 0;
    /// Rows after which the past counts a third.
    double memory_rows = 4000.0;
    /// Deviations; what is farther out is learned as if it were there.
    double outlier_reach = 20.0;
    /// Deviations; the range of what `scale` writes.
    double reach_max = 30.0;
    /// Least deviation, as a part of the largest magnitude.
    double deviation_min = 1e-3;
  };

  /// @pre features is above zero.
  explicit feature_scaler(const options& opts);

  /// Learns a row with a weight in [0, 1]. Missing values teach nothing. A row
  /// of a sample stands for `count` rows, 1 or more.
  void add(std::span<const double> row, double weight, double count = 1.0);

  /// Looks for features that come in another unit. Once in eight rows does it
  /// look, so that it costs little; it has seen enough when a feature that is
  /// well off zero has been of another order for 256 rows, 50 times as large or
  /// as small on average.
  void follow_units(std::span<const double> row);

  /// Writes the scaled row; 0 where a value is missing or was never seen.
  void scale(std::span<const double> row, std::span<float> out) const;

  /// Returns what is usual for a feature by the rows so far.
  [[nodiscard]] feature_range range_of(size_t index) const {
    const auto& known = features_[index];
    return {.middle = known.mean, .deviation = deviation(known)};
  }

  [[nodiscard]] size_t state_bytes() const;

private:
  struct feature {
    double mean = 0.0;
    double variance = 0.0;
    float magnitude = 0.0F;
    float rows = 0.0F;
    /// Looks in a row at which the value was of another order, and its mean.
    uint16_t odd_looks = 0;
    float odd_mean = 0.0F;
  };

  [[nodiscard]] double deviation(const feature& x) const;

  static void follow_unit(feature& known, double value, double deviation);

  void add_one(feature& known, double value, double weight, double count) const;

  options opts_;
  std::vector<feature> features_;
  uint32_t rows_followed_ = 0;
};

} // namespace starling::detector
