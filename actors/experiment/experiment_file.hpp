#pragma once

#include "actors/experiment/experiment_options.hpp"
#include "runtime/config/document.hpp"
#include "runtime/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace starling::experiment {

/// Reads an experiment file (TOML). A relative data folder counts from the
/// folder of the file. Every key has a default except `experiment.name`.
/// Errors: file_error; invalid_option with file, line and, for an unknown key,
/// the nearest known one.
result<experiment_options> load_experiment(const std::filesystem::path& file);

/// Likewise from text; `file` names it in errors and anchors relative paths.
result<experiment_options> parse_experiment(std::string_view text,
                                            const std::filesystem::path& file);

/// Reads what all runs of a sweep file share: everything but its table
/// `[sweep]`, which the other functions refuse. Errors: as above.
result<experiment_options> read_sweep_base(const config::document& doc);

} // namespace starling::experiment
