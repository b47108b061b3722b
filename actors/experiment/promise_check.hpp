#pragma once

#include <cstddef>

namespace starling::experiment {

/// What calibration promised of the levels of normal rows, and what came true.
struct promise_check {
  /// Share of ordinary rows above the threshold, at most.
  double promised = 0.0;
  /// The share that was there, with its 95 % interval.
  double observed = 0.0;
  double low = 0.0;
  double high = 1.0;

  /// Whether the share that was there can be chance. Fewer than promised always
  /// are in order.
  [[nodiscard]] bool kept() const {
    return low <= promised;
  }
};

/// Compares the share `observed` of `rows` normal rows with what a calibrator
/// promises of levels above `threshold`, in [0, 1], when a level speaks about
/// `horizon_rows`; see `detector::calibrator`.
///
/// The interval is Wilson's, for independent rows. Rows are not: alarms come in
/// runs, so that the interval is too narrow, and the check too strict.
/// Source: Wilson, "Probable inference, the law of succession, and statistical
/// inference", JASA 22(158), 1927.
[[nodiscard]] promise_check check_promise(double observed, size_t rows,
                                          double threshold,
                                          double horizon_rows);

} // namespace starling::experiment
