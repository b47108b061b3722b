#pragma once

#include "runtime/result.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace starling::experiment {

/// How well scores rank anomalous rows above normal ones.
///
/// No point adjustment: counting a whole incident as found because one row of
/// it was flagged lifts random scores to the top of the table (Kim et al.,
/// "Towards a rigorous evaluation of time-series anomaly detection", AAAI
/// 2022). Rows of equal score are flagged together, never in a lucky order.
///
/// The first four agree with the data set's own `evaluate.py` to 1e-9. All are
/// NaN where they are undefined: without anomalous rows, and AUC-ROC also
/// without normal ones.
///
/// Labels: 0 normal, anything else anomalous. Scores: higher = stranger.
/// @pre for all: as many labels as scores, at least one, all scores finite.
struct figures {
  /// Chance that an anomalous row scores above a normal one; ties count half.
  double auc_roc = 0.0;
  /// Average precision.
  double auc_pr = 0.0;
  /// Best F1 over all thresholds.
  double best_f1 = 0.0;
  /// Volume under the precision-recall surface.
  double vus_pr = 0.0;
  /// Recall at 1 % false positives.
  double recall_1 = 0.0;
};

using label_span = std::span<const uint8_t>;
using score_span = std::span<const double>;

/// Mann-Whitney statistic with mid-ranks. Time O(n log n), as all below.
[[nodiscard]] double auc_roc(label_span labels, score_span scores);

/// Sum of precision times the step in recall over all distinct thresholds.
[[nodiscard]] double average_precision(label_span labels, score_span scores);

/// Best F1; 0 without anomalous rows.
[[nodiscard]] double best_f1(label_span labels, score_span scores);

/// Forgives being a few rows early or late: each incident gets a halo of 0, 4,
/// 8 ... 20 rows in width, and recall is weighted with the share of incidents
/// touched. 250 thresholds at even ranks. Source: Paparrizos et al., "Volume
/// under the surface", PVLDB 15(11), 2022, in the variant of `evaluate.py`.
[[nodiscard]] double vus_pr(label_span labels, score_span scores);

/// Greatest recall of a threshold that flags at most that share of the normal
/// rows, as in [0, 1]: how much is found by whoever can afford so many false
/// alarms. The threshold is chosen on the rows at hand. NaN without anomalous
/// or without normal rows.
[[nodiscard]] double recall_at(label_span labels, score_span scores,
                               double false_positives);

/// All five.
[[nodiscard]] figures figures_of(label_span labels, score_span scores);

/// Checks the precondition of all the above. Errors: malformed_input; `what`
/// names the scores in the text.
result<void> check_scores(label_span labels, score_span scores,
                          std::string_view what);

/// An incident: the anomalous rows [begin, end).
struct incident {
  size_t begin = 0;
  size_t end = 0;
};

/// Returns the runs of anomalous rows in order.
[[nodiscard]] std::vector<incident> incidents_of(label_span labels);

/// Returns the rows from the begin of the incident to the first one above the
/// threshold, or nothing if none of its rows is.
[[nodiscard]] std::optional<size_t>
detection_delay(const incident& what, score_span levels, double threshold);

/// The family of an entity: the text before its first '-'.
[[nodiscard]] std::string_view family_of(std::string_view entity);

/// Causal exponential average, the first row taken as it is: what a detector
/// gains by mere patience. `half_life_rows` > 0.
[[nodiscard]] std::vector<double> smoothed(score_span scores,
                                           double half_life_rows = 12.0);

} // namespace starling::experiment
