#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace starling::experiment {

/// Maps values to a length from 0 (least) to 1 (greatest).
///
/// Scores of different detectors differ in kind: some stay within a factor of
/// ten, some jump by a million. The axis is logarithmic where the greatest
/// value is more than 20 times the median and no value is negative.
class axis {
public:
  /// A linear axis. @pre least < greatest.
  axis(double least, double greatest);

  /// An axis that suits the values. @pre all are finite.
  static axis fitted(std::span<const double> values);

  [[nodiscard]] bool logarithmic() const {
    return logarithmic_;
  }

  /// Returns the place of a value; those beyond the ends are put there.
  [[nodiscard]] double place(double value) const;

  /// Returns about as many values as wanted, one at least, that people like to
  /// read: 1, 2 or 5 times a power of ten; on a logarithmic axis powers of ten.
  [[nodiscard]] std::vector<double> ticks(size_t wanted) const;

private:
  bool logarithmic_ = false;
  double least_;
  double greatest_;
};

/// Returns a value as at an axis: 0.05, 12, 3k, 20M.
[[nodiscard]] std::string tick_label(double value);

} // namespace starling::experiment
