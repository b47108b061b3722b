#pragma once

#include "actors/experiment/dataset.hpp"
#include "runtime/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace starling::experiment {

/// Which training rows are spoiled, and how.
struct poison_choice {
  /// Part of the training rows, in [0, 1]; 0 spoils none.
  double share = 0.0;
  /// One of `poison_kinds`.
  std::string kind = "spikes";
  /// The same seed spoils the same rows of an entity in the same way.
  uint64_t seed = 1;
};

/// Returns the kinds of poison; deviations are those of the clean training
/// rows:
/// - "spikes": single rows, five features each 10 deviations off, up or down;
/// - "shifts": the same for stretches of 60 rows;
/// - "surges": all features 5 deviations off for stretches of 60 rows;
/// - "noise": all features up to 5 deviations off, stretches of 20 rows;
/// - "begin", "end": half of the features 5 deviations up, in one piece;
/// - "foreign": stretches of 60 training rows of another entity;
/// - "foreign-incidents": the same of labelled rows of another entity;
/// - "incidents": labelled rows of the entity itself, which the detector shall
///   find later: the strongest of all, and what no attacker knows;
/// - "scrambled": each value of the row from another row of the entity.
[[nodiscard]] std::span<const std::string_view> poison_kinds();

/// Whether `kind` takes rows of another entity.
[[nodiscard]] bool is_foreign(std::string_view kind);

/// Where the rows come from that are put in.
struct poison_sources {
  /// The entity's own test rows.
  const table* own_test = nullptr;
  /// Rows of another entity: training rows for "foreign", else test rows.
  const table* other = nullptr;
};

/// Spoils the training rows in `target`. Errors: invalid_option (unknown kind;
/// the rows that the kind needs are missing, or are of another width).
result<void> poison_training(table& target, const poison_choice& choice,
                             const poison_sources& from);

} // namespace starling::experiment
