#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace starling::experiment {

/// What is known of a mean.
struct mean_note {
  /// NaN of no values.
  double mean = 0.0;
  /// Of a sample (n - 1); NaN of fewer than two values.
  double deviation = 0.0;
  size_t count = 0;
};

/// Bounds of a confidence interval of 95 %.
struct interval {
  double low = 0.0;
  double high = 0.0;
};

/// Values that are not finite are left out, as by all functions below.
[[nodiscard]] mean_note mean_of(std::span<const double> values);

/// Returns the quantile of Student's t for a two-sided interval of 95 %.
/// @pre degrees > 0.
[[nodiscard]] double student_t_95(size_t degrees);

/// Returns the interval of the mean by Student's t; nothing of fewer than two
/// values.
[[nodiscard]] std::optional<interval>
t_interval(std::span<const double> values);

/// Draws samples of samples: which values a resample takes, the same for all
/// statistics of as many values, so that one cell's luck is the other's.
class bootstrap {
public:
  static constexpr size_t resamples = 2000;

  explicit bootstrap(uint64_t seed) : seed_{seed} {
    // nop
  }

  /// Returns the percentile interval of the mean; nothing of fewer than two
  /// values. Source: Efron, Tibshirani, "An introduction to the bootstrap",
  /// 1993, section 13.3.
  [[nodiscard]] std::optional<interval>
  mean_interval(std::span<const double> values);

private:
  uint64_t seed_;
  size_t count_ = 0;
  /// `count_` indices a resample.
  std::vector<uint32_t> picked_;
  std::vector<double> finite_;
  std::vector<double> means_;
};

/// How paired values differ: first minus second, pair by pair.
struct paired_note {
  size_t wins = 0;
  size_t ties = 0;
  size_t losses = 0;
  double mean_difference = 0.0;
  /// Of the mean difference, by bootstrap.
  std::optional<interval> bounds;
  /// Two-sided, by Wilcoxon's signed ranks; 1 where nothing differs.
  double p = 1.0;
};

/// Differences of less than 1e-9 are ties. Pairs of which one value is not
/// finite are left out. @pre as many values in both.
[[nodiscard]] paired_note compare_pairs(std::span<const double> first,
                                        std::span<const double> second,
                                        bootstrap& lots);

/// Returns the two-sided p of Wilcoxon's signed-rank test that differences lie
/// around 0. Zeros are left out; equal sizes share their mean rank. Exact for
/// up to 50 differences without equal sizes, else by the normal distribution
/// with corrections for ties and continuity. Source: Hollander, Wolfe, Chicken,
/// "Nonparametric statistical methods", 3rd ed., section 3.1.
[[nodiscard]] double wilcoxon_p(std::span<const double> differences);

} // namespace starling::experiment
