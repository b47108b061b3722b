#pragma once

#include "runtime/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace starling::experiment {

/// Returns the SHA-256 of what a data folder holds of those entities, names and
/// contents of their files, as 64 hexadecimal digits.
/// Errors: file_error, invalid_option (see `entity_file`).
result<std::string> data_fingerprint(const std::filesystem::path& folder,
                                     const std::vector<std::string>& entities);

/// Returns the name of a run's folder: 16 hexadecimal digits that follow from
/// all that its figures depend on.
[[nodiscard]] std::string run_id(std::string_view options,
                                 std::string_view fingerprint,
                                 std::string_view program_version);

/// Where the runs of sweeps lie: `OUT/runs/ID`, each with `run.toml`, its
/// options, beside the results.
///
/// A run is written into a folder of another name, which is renamed when all is
/// there: what bears a run's name is whole, and is found again by a later sweep
/// that needs the same run.
class sweep_store {
public:
  explicit sweep_store(std::filesystem::path out);

  /// Makes the folder. Errors: file_error.
  result<void> open() const;

  [[nodiscard]] std::filesystem::path folder(std::string_view id) const;

  [[nodiscard]] bool is_finished(std::string_view id) const;

  /// Returns an empty folder to run into; what a broken run left is removed.
  /// Errors: file_error.
  result<std::filesystem::path> begin(std::string_view id) const;

  /// Adds the options and gives the folder its name. Errors: file_error.
  result<void> finish(std::string_view id, std::string_view options) const;

  /// Removes a run, finished or not. Errors: file_error.
  result<void> remove(std::string_view id) const;

private:
  [[nodiscard]] std::filesystem::path part(std::string_view id) const;

  std::filesystem::path runs_;
};

} // namespace starling::experiment
