#pragma once

#include "actors/experiment/evaluation.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace starling::experiment {

/// How many incidents were found, and how soon.
struct delay_figures {
  /// Share of incidents with a row above the threshold; NaN without incidents.
  double incidents_hit = 0.0;
  /// Median delay of those, in rows from the incident's first; nothing if none
  /// was hit.
  std::optional<double> median;
  size_t incidents = 0;
};

/// Gathers them over many entities, all incidents counted alike.
class delay_tally {
public:
  /// Adds one entity. Scores above (not at) the threshold count. @pre as for
  /// `figures`.
  void add(label_span labels, score_span scores, double threshold);

  [[nodiscard]] delay_figures total() const;

private:
  size_t incidents_ = 0;
  std::vector<size_t> delays_;
};

/// Returns the lowest threshold above which lie at most that share of the
/// normal rows, in [0, 1): the one that `recall_at` stands for. +infinity
/// without normal rows.
[[nodiscard]] double threshold_at(label_span labels, score_span scores,
                                  double false_positives);

} // namespace starling::experiment
