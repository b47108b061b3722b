#pragma once

#include "actors/experiment/evaluation.hpp"
#include "runtime/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace starling::experiment {

/// One figure of an entity's scores, as it stands in tables.
struct measure {
  /// As in CSV files: "auc_pr"; "smooth_auc_pr" behind a causal average.
  std::string_view name;
  /// As in reports.
  std::string_view title;
  double figures::* figure;
  bool smooth;
};

/// All measures, in the order of the columns of `runs.csv`.
[[nodiscard]] const std::array<measure, 10>& measures();

/// One way to score, as one run found it.
struct measured_method {
  std::string name;
  /// The run's detector, else a baseline.
  bool is_detector = false;
  /// One an entity of the run.
  std::vector<figures> raw;
  std::vector<figures> smooth;
  std::optional<double> micros_per_vector;

  /// Returns one value an entity; NaN where it is undefined.
  [[nodiscard]] std::vector<double> values(const measure& what) const;
};

/// One finished run.
struct measured_run {
  /// Name of its folder.
  std::string id;
  /// One value an axis of the table.
  std::vector<std::string> cell;
  size_t repeat = 0;
  uint64_t seed = 0;
  std::vector<std::string> entities;
  std::vector<measured_method> methods;
};

/// Runs side by side.
struct run_table {
  std::string name;
  std::vector<std::string> axes;
  std::vector<measured_run> runs;
};

/// Reads entities and methods of a run from its `summary.json`.
/// Errors: file_error, limit_reached, malformed_input naming the file.
result<measured_run> read_run(const std::filesystem::path& folder);

} // namespace starling::experiment
