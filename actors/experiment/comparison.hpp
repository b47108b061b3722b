#pragma once

#include "actors/experiment/run_table.hpp"
#include "actors/experiment/statistics.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace starling::experiment {

/// The axis that names the detector: its values are methods, not settings.
inline constexpr std::string_view detector_axis = "detector.name";

/// A method in a setting: all repeats of it.
struct compared_cell {
  /// Index into `comparison::settings`.
  size_t setting = 0;
  /// Index into `comparison::methods`.
  size_t method = 0;
  std::vector<std::string> entities;
  /// By measure and entity: the mean over the repeats.
  std::vector<std::vector<double>> by_entity;
  /// By measure and repeat: the mean over the entities.
  std::vector<std::vector<double>> by_repeat;
  /// Mean over the repeats.
  std::optional<double> micros_per_vector;
};

/// What all runs say about one measure of one cell.
struct cell_figure {
  /// Of the means over entities, one a repeat.
  mean_note repeats;
  /// How the mean would vary with other seeds: by Student's t over repeats.
  std::optional<interval> by_seed;
  /// How it would vary with other entities of the same kind: by bootstrap over
  /// entities.
  std::optional<interval> by_entity;
  /// Entities of which the measure is defined.
  size_t entities = 0;

  /// The interval that is shown: by seed where runs were repeated, else by
  /// entity.
  [[nodiscard]] const std::optional<interval>& shown() const {
    return by_seed ? by_seed : by_entity;
  }
};

/// One cell against another, entity by entity.
struct cell_pair {
  size_t cell = 0;
  size_t reference = 0;
  size_t measure = 0;
  paired_note found;
};

/// Runs gathered into cells: settings of the axes, times methods.
struct comparison {
  std::string name;
  /// Axes other than the detector's name.
  std::vector<std::string> axes;
  /// One value an axis.
  std::vector<std::vector<std::string>> settings;
  /// The detectors in the order of the runs, then the baselines.
  std::vector<std::string> methods;
  /// Sorted by setting, then method.
  std::vector<compared_cell> cells;
  /// By cell and measure.
  std::vector<std::vector<cell_figure>> figures;
  /// Within each setting each method against the first one; then the first
  /// method of each setting against that of the first setting.
  std::vector<cell_pair> pairs;

  /// Returns the index of a cell, or nothing.
  [[nodiscard]] std::optional<size_t> find(size_t setting, size_t method) const;
};

/// Gathers runs. A baseline that several runs of a setting and repeat have
/// counts once. Entities count where a measure is defined. Pairs are entities
/// that both cells have. The same table gives the same bits.
/// Errors: invalid_option (no run; repeats of a setting with other entities).
result<comparison> compare(const run_table& table);

} // namespace starling::experiment
