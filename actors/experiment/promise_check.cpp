#include "actors/experiment/promise_check.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace starling::experiment {

namespace {

/// The normal distribution's 97.5 % quantile.
constexpr double z = 1.959963985;

/// Normal rows, and those of them with an alarm, by runs.
struct alarm_runs {
  double rows = 0.0;
  double alarms = 0.0;
  double squares = 0.0;

  void end_run(double length) {
    alarms += length;
    squares += length * length;
  }

  /// Alarms in the run that an alarm is in, on average.
  [[nodiscard]] double length() const {
    return alarms > 0.0 ? squares / alarms : 1.0;
  }
};

alarm_runs runs_of(label_span labels, score_span levels, double threshold,
                   double gap_max) {
  auto result = alarm_runs{};
  auto run = 0.0;
  auto last = size_t{0};
  for (auto row = size_t{0}; row < labels.size(); ++row) {
    if (labels[row] != 0)
      continue;
    ++result.rows;
    if (!(levels[row] > threshold))
      continue;
    if (run > 0.0 && static_cast<double>(row - last) > gap_max)
      result.end_run(std::exchange(run, 0.0));
    ++run;
    last = row;
  }
  result.end_run(run);
  return result;
}

} // namespace

promise_check check_promise(label_span labels, score_span levels,
                            double threshold, double horizon_rows) {
  assert(labels.size() == levels.size());
  auto result = promise_check{};
  result.promised = 1.0 - std::pow(threshold, 1.0 / horizon_rows);
  const auto seen = runs_of(labels, levels, threshold, horizon_rows);
  if (seen.rows == 0.0)
    return result;
  result.observed = seen.alarms / seen.rows;
  result.run = seen.length();
  const auto n = seen.rows / result.run;
  const auto p = result.observed;
  const auto middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
  const auto reach = z / (1.0 + z * z / n)
                     * std::sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n));
  result.low = std::max(0.0, middle - reach);
  result.high = std::min(1.0, middle + reach);
  return result;
}

} // namespace starling::experiment
