#pragma once

#include "deploy/scale/scale_run.hpp"
#include "runtime/result.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>

namespace starling::deploy {

/// Returns tables for people, with the line's end.
[[nodiscard]] std::string to_text(const scale_outcome& x);

/// Returns all that was measured; null where a figure is undefined.
[[nodiscard]] nlohmann::json to_json(const scale_outcome& x);

/// Returns a table with a line for each size, as CSV.
[[nodiscard]] std::string to_csv(const scale_outcome& x);

/// Returns one HTML page that loads nothing from elsewhere.
[[nodiscard]] std::string to_html(const scale_outcome& x);

/// Writes scale.csv, scale.json and scale.html into a folder, which is made if
/// it is missing. Errors: file_error.
result<void> write_report(const std::filesystem::path& folder,
                          const scale_outcome& x);

} // namespace starling::deploy
