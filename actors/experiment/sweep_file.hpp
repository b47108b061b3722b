#pragma once

#include "actors/experiment/experiment_options.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace starling::experiment {

/// Bounds of what a sweep file may ask for.
inline constexpr size_t sweep_axes_max = 8;
inline constexpr size_t sweep_runs_max = 10'000;
inline constexpr size_t sweep_repeats_max = 1'000;

/// One key of the experiment file and the values it takes.
struct sweep_axis {
  /// As in "detector.name".
  std::string key;
  /// As in "flock" or "0.1": what stands in tables and CSV files.
  std::vector<std::string> values;
};

/// One run of many.
struct sweep_run {
  /// One index into the values of each axis.
  std::vector<size_t> cell;
  /// From 0.
  size_t repeat = 0;
  uint64_t seed = 1;
  /// The experiment file, without its data folder; the same options give the
  /// same bytes, however the sweep file spells them.
  std::string text;
  /// Nodes that the run asks for.
  size_t nodes = 1;
};

/// All runs of a sweep: each combination of the values, the last axis first,
/// each repeated. Repeat r adds r to every seed of the file: the detector's,
/// the poison's and that of injected anomalies.
struct sweep_plan {
  std::string name;
  /// Data folder that the file names; may be empty.
  std::filesystem::path data;
  std::vector<std::string> entities;
  /// Whether the file asks for the cluster that runs already.
  bool on_cluster = false;
  std::vector<sweep_axis> axes;
  size_t repeats = 1;
  std::vector<sweep_run> runs;
};

/// Reads an experiment file with a table
///
///     [sweep]
///     repeats = 5
///     [sweep.axes]
///     "detector.name" = ["flock", "pca"]
///     "poison.share" = [0, 0.1, 0.2]
///
/// Every combination is checked as an experiment file. Without axes there is
/// one cell. Errors: file_error; invalid_option with file and line;
/// limit_reached (too many runs).
result<sweep_plan> load_sweep(const std::filesystem::path& file);

/// Likewise from text; `file` names it in errors and anchors relative paths.
result<sweep_plan> parse_sweep(std::string_view text,
                               const std::filesystem::path& file);

} // namespace starling::experiment
