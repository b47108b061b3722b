#pragma once

#include "actors/detector/burst_groups.hpp"
#include "actors/detector/row_sample.hpp"
#include "actors/detector/whitener.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace starling::detector {

/// What a training row may teach, each in [0, 1].
struct row_trust {
  /// Ranges and tails of the features.
  double ranges = 1.0;
  /// How features belong together.
  double relations = 1.0;

  [[nodiscard]] bool believed() const {
    return ranges > 0.0;
  }
};

/// Tells which training rows to believe, where up to a third of them may have
/// been put there by somebody who wants to blind the detector.
///
/// Training on all rows fails: a tenth of wild rows widens every direction in
/// which an incident would show. Trimming the strangest quarter, the textbook's
/// remedy, fails on honest data: bursts are a habit of services, and a detector
/// that has not learned them calls each of them strange (on server data it
/// loses a fifth of its precision at 5 % trimmed). What tells the two apart is
/// size and number. So the guard finds out how the calmest rows hang together
/// (the minimum covariance determinant of a bounded sample, by concentration
/// steps from a start that single features can't spoil), measures each row's
/// distance from those, and then
///
/// - does not believe a row beyond `distance_max`: bursts drive one or two
///   features to their limit, not the whole row at once;
/// - lets rows beyond `burst_from` teach ranges, but how features belong
///   together only in inverse proportion to their distance: one unit of
///   influence each, as an M-estimator;
/// - believes the latter still less where they are many, or don't lie as bursts
///   do that are a habit: see `burst_groups`;
/// - does not believe those of them that are incoherent, where they are many:
///   no feature is far out by itself, as in bursts, so each value was seen
///   before, but they don't belong together.
///
/// What is hardly believed is not believed at all: next to nothing of a row
/// would still make the one after it a change from there.
///
/// Limits: who knows the seed, or owns more than 40 % of the rows, wins. Rows
/// that differ little from ordinary ones are believed; they move little.
///
/// Sources: Rousseeuw, van Driessen, "A fast algorithm for the minimum
/// covariance determinant estimator", Technometrics 41(3), 1999; Maronna,
/// Martin, Yohai, "Robust Statistics", 2006, section 6.3, for the weights.
class training_guard {
public:
  struct options {
    size_t features = 0;
    /// Decides which rows the sample keeps: unknown to whom it is to hold off.
    uint64_t seed = 1;
    /// Squared distances, in units of the median one.
    double burst_from = 36.0;
    double distance_max = 500.0;
    /// Deviations of a feature from its own median.
    double coherent_from = 12.0;
    /// Part of all rows.
    double incoherent_max = 0.02;
  };

  /// @pre features is above zero.
  explicit training_guard(const options& opts);

  /// Takes the next training row and returns what it may teach; nothing until
  /// rows have been judged once. Each time an eighth more rows have come, rows
  /// are judged anew.
  row_trust add(std::span<const double> row);

  /// Judges rows by all that came so far; `add` does so when it is time.
  void renew();

  /// Returns false until rows have been judged once.
  [[nodiscard]] bool ready() const {
    return !distances_.empty();
  }

  /// Returns how much more or less of the rows that came is believed now than
  /// when they came, or when `accept` was called: a share in [0, 1]. Changes
  /// when rows are judged anew.
  [[nodiscard]] double changed() const {
    return changed_;
  }

  /// Says that what was learned follows the present judgement now.
  void accept();

  /// Returns what `row` may teach. @pre ready()
  row_trust judge(std::span<const double> row);

  [[nodiscard]] const row_sample& sample() const {
    return sample_;
  }

  [[nodiscard]] size_t state_bytes() const;

private:
  struct range {
    double middle = 0.0;
    double deviation = 1.0;
  };

  void measure_ranges();

  range range_of(size_t feature);

  void scale(std::span<const double> row);

  /// Leaves the whitened row in `whitened_`.
  double distance(std::span<const double> row);

  void start_calm();

  void concentrate();

  void judge_bursts();

  /// Whether no feature of the row that was measured last is far out by itself.
  [[nodiscard]] bool is_incoherent() const;

  void compare();

  options opts_;
  row_sample sample_;
  size_t renew_at_;
  std::vector<range> ranges_;
  whitener whitener_;
  /// Squared distance of each row of the sample.
  std::vector<double> distances_;
  double median_ = 1.0;
  double changed_ = 0.0;
  burst_groups bursts_;
  double incoherent_trust_ = 1.0;
  std::vector<float> scaled_;
  std::vector<float> whitened_;
  std::vector<double> sorted_;
};

} // namespace starling::detector
