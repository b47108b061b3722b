#pragma once

#include "actors/experiment/delay_tally.hpp"
#include "actors/experiment/evaluation.hpp"

#include <optional>

namespace starling::experiment {

/// What the levels do to those who are judged by them.
struct zone_figures {
  /// Share of normal rows above the monitoring threshold.
  double normal_monitored = 0.0;
  /// Share of normal rows above the quarantine threshold: false alarms.
  double normal_quarantined = 0.0;
  /// Share of incidents with a row above the quarantine threshold.
  double incidents_hit = 0.0;
  /// Median delay of those, in rows; nothing if none was hit.
  std::optional<double> delay_median;
  /// Incidents and normal rows in all.
  size_t incidents = 0;
  size_t normal = 0;
};

/// Gathers the figures over many entities, rows and incidents counted alike.
class zone_tally {
public:
  /// Levels above (not at) these thresholds count.
  zone_tally(double monitored_above, double quarantined_above);

  /// Adds one entity. @pre as for `figures`; levels lie in [0, 1].
  void add(label_span labels, score_span levels);

  /// NaN where there is nothing to divide by.
  [[nodiscard]] zone_figures total() const;

private:
  double monitored_above_;
  double quarantined_above_;
  size_t normal_ = 0;
  size_t normal_monitored_ = 0;
  size_t normal_quarantined_ = 0;
  delay_tally delays_;
};

} // namespace starling::experiment
