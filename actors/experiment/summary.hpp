#pragma once

#include "actors/experiment/delay_tally.hpp"
#include "actors/experiment/evaluation.hpp"
#include "actors/experiment/experiment_result.hpp"
#include "actors/experiment/promise_check.hpp"
#include "actors/experiment/zone_figures.hpp"
#include "runtime/result.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace starling::experiment {

/// Stands for the entities of all families. Entities "all" and "all-..." are
/// refused, since their family would be taken for it.
inline constexpr std::string_view family_all = "all";

/// The figures of one kind of score, over all entities.
struct scoreboard {
  /// Mean over the entities of each family, and over all of them as "all".
  std::map<std::string, figures> families;
  /// One an entity, in the order of the result.
  std::vector<figures> entities;
  /// By family, and "all": what is found, and how soon, by whoever can afford
  /// 1 % false positives of each entity, see `threshold_at`.
  std::map<std::string, delay_figures> delays;
  /// AUC-PR with one threshold for all entities.
  double pooled_auc_pr = 0.0;

  [[nodiscard]] const figures& overall() const {
    return families.at("all");
  }
};

/// One way to score: the detector, or a baseline.
struct method_summary {
  std::string name;
  scoreboard raw;
  /// The same scores through a causal exponential average of half-life 12 rows.
  /// It helps everyone where incidents are long, so it is shown for everyone.
  scoreboard smooth;
  std::optional<double> micros_per_vector;
};

/// When one incident of one entity was seen.
struct incident_summary {
  std::string entity;
  incident rows;
  /// Rows until the level exceeded the thresholds; nothing if it never did.
  std::optional<size_t> monitored_after;
  std::optional<size_t> quarantined_after;
};

/// How often zones were left and entered.
struct zone_counts {
  size_t changes = 0;
  size_t quarantines = 0;
  /// Quarantines that began inside an incident; the rest are false.
  size_t quarantines_in_incidents = 0;
  size_t isolations = 0;
  /// Changes from QUARANTINED or ISOLATED to a better zone.
  size_t recoveries = 0;
};

struct node_summary {
  std::string name;
  /// Those whose agent it ran.
  size_t entities = 0;
  cost_note cost;
  /// As it ended; nothing of a node that was lost.
  std::optional<node_note> end;
};

/// One entity beside its figures, which stand in the scoreboards.
struct entity_summary {
  std::string name;
  std::string node;
  size_t rows = 0;
  zone_figures levels;
  /// What was promised of the levels of its normal rows.
  promise_check monitored;
  promise_check quarantined;
  zone_counts counts;
  cost_note cost;
};

/// What `summary.json` says.
struct experiment_summary {
  std::string name;
  std::string detector;
  uint64_t seed = 0;
  std::string started;
  double duration_seconds = 0.0;
  size_t rows = 0;
  double monitored_above = 0.8;
  double quarantined_above = 0.95;
  /// The detector, then the baselines.
  std::vector<method_summary> methods;
  /// The detector's levels, taken as scores: what calibration costs in ranking.
  scoreboard levels;
  /// By family, and "all".
  std::map<std::string, zone_figures> zones;
  std::vector<incident_summary> incidents;
  /// In the order of the result.
  std::vector<entity_summary> entities;
  zone_counts counts;
  cost_note cost;
  std::vector<node_summary> nodes;

  /// Returns the number of entities whose levels were above the thresholds as
  /// rarely as promised.
  [[nodiscard]] size_t promises_kept() const;
};

/// Computes all figures. Errors: malformed_input naming the entity (no rows,
/// unequal lengths, a score that is not finite, a level outside [0, 1]);
/// invalid_option (no entity, or one twice).
result<experiment_summary> summarise(const experiment_result& input);

/// Returns a time as in "2025-03-01T12:34:56Z".
[[nodiscard]] std::string utc_text(std::chrono::system_clock::time_point when);

} // namespace starling::experiment
