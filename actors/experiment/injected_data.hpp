#pragma once

#include "actors/experiment/dataset.hpp"
#include "actors/experiment/injection.hpp"
#include "runtime/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace starling::experiment {

/// Loads the training or test rows of the entity that follows the one of `like`
/// in the folder, of those with as many features. Errors: invalid_option (there
/// is none), those of `load_train`.
result<table> load_alike(const std::filesystem::path& folder, const table& like,
                         bool training, const dataset_limits& limits = {});

/// Loads the first `rows_max` test rows (0: all) of an entity and puts
/// anomalies in; `stretches`, if given, tells which.
/// Errors: those of `load_test`, `load_alike` and `inject`.
result<table> load_injected(const std::filesystem::path& folder,
                            std::string_view entity, size_t rows_max,
                            const injection_choice& choice,
                            const dataset_limits& limits = {},
                            std::vector<injected_stretch>* stretches = nullptr);

/// Writes a table as `table_reader` reads it, gzip; values as short as they
/// read back equal. The same table gives the same bytes. Errors: file_error.
result<void> write_table(const std::filesystem::path& file,
                         const table& content);

/// What `write_injected` made.
struct injected_folder {
  size_t entities = 0;
  size_t rows = 0;
  size_t anomalous_rows = 0;
  size_t stretches = 0;
};

/// Makes a data folder out of another one: for each of `entities` its training
/// rows as they are, its test rows with anomalies put in, and in
/// `injection.csv` a line a stretch: entity, first row and row after the last
/// one (rows of the new test file, from 0), kind, strength, names of features.
/// An experiment on it gives the figures that `[inject]` gives on the old one.
/// `done` is called after each entity. Errors: invalid_option (`to` is `from`),
/// file_error, those of `load_injected`.
result<injected_folder> write_injected(const std::filesystem::path& from,
                                       const std::filesystem::path& to,
                                       const std::vector<std::string>& entities,
                                       const injection_choice& choice,
                                       const std::function<void(size_t)>& done
                                       = {});

} // namespace starling::experiment
