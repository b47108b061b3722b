#pragma once

#include "actors/experiment/evaluation.hpp"

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
  /// Alarms in an average alarm's run, at least 1.
  double run = 1.0;

  /// Whether the share that was there can be chance. Fewer than promised always
  /// are in order.
  [[nodiscard]] bool kept() const {
    return low <= promised;
  }
};

/// Compares how many normal rows have a level above `threshold`, in [0, 1],
/// with what a calibrator promises when a level speaks about `horizon_rows`;
/// see `detector::calibrator`. @pre both spans are equally long.
///
/// The interval is Wilson's, for as many rows as there were independent ones.
/// Alarms come in runs: a day on which a service does something new is one
/// event of many rows. Alarms at most `horizon_rows` apart are one run, and the
/// rows are divided by the length of the run that an alarm is in on average
/// (design effect).
/// Sources: Wilson, "Probable inference, the law of succession, and statistical
/// inference", JASA 22(158), 1927; Coles, "An Introduction to Statistical
/// Modeling of Extreme Values", 2001, section 5.3.2 (runs declustering); Kish,
/// "Survey Sampling", 1965, section 8.2.
[[nodiscard]] promise_check check_promise(label_span labels, score_span levels,
                                          double threshold,
                                          double horizon_rows);

} // namespace starling::experiment
