#pragma once

#include "actors/experiment/text_lines.hpp"
#include "runtime/result.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace starling::experiment {

/// How much of a data folder is believed. Files come from strangers: nothing is
/// allocated by what they claim, only by what they hold.
struct dataset_limits {
  /// Uncompressed bytes of one file; a small archive can unpack to terabytes.
  uint64_t bytes_max = uint64_t{1} << 30;
  /// Bytes of one line, its end included.
  size_t line_max = size_t{1} << 20;
  /// Rows of one file.
  size_t rows_max = 10'000'000;
  /// Columns beside t and label.
  size_t features_max = 4096;
  /// Entities of one folder.
  size_t entities_max = 100'000;
};

/// One row of behaviour.
struct table_row {
  /// What the file says; in our data the number of the row, from 0.
  int64_t t = 0;
  /// True where the row is labelled anomalous; false in training files.
  bool anomalous = false;
  /// One value a feature, NaN where the cell is empty.
  std::vector<double> values;
};

/// A whole file in memory.
struct table {
  std::string entity;
  /// Names of the features, from the header.
  std::vector<std::string> names;
  std::vector<int64_t> t;
  /// 1 = anomalous; empty if the file has no label column.
  std::vector<uint8_t> labels;
  /// Row after row, `features()` values each.
  std::vector<double> values;

  [[nodiscard]] size_t features() const {
    return names.size();
  }

  [[nodiscard]] size_t rows() const {
    return t.size();
  }

  /// @pre `index < rows()`.
  [[nodiscard]] std::span<const double> row(size_t index) const {
    return std::span{values}.subspan(index * features(), features());
  }
};

/// Reads one file row by row in constant memory.
///
/// Format: a header `t[,label],feature...`, then rows of numbers separated by
/// commas; gzip or plain. An empty cell or `nan` is a missing value. Every
/// error names file, line and column.
class table_reader {
public:
  /// Opens a file and reads its header.
  /// Errors: file_error, malformed_input, limit_reached.
  static result<table_reader> open(const std::filesystem::path& file,
                                   const dataset_limits& limits = {});

  [[nodiscard]] const std::vector<std::string>& names() const {
    return names_;
  }

  [[nodiscard]] bool labelled() const {
    return labelled_;
  }

  /// Reads the next row into `target`, whose memory is reused. Returns false at
  /// the end. Errors: file_error, malformed_input, limit_reached.
  result<bool> next(table_row& target);

private:
  table_reader(text_lines lines, const dataset_limits& limits);

  result<void> read_header();
  result<void> parse(std::string_view line, table_row& target);
  [[nodiscard]] failure at(size_t column, ec code, std::string what) const;

  text_lines lines_;
  dataset_limits limits_;
  std::vector<std::string> names_;
  bool labelled_ = false;
  size_t rows_ = 0;
  std::string line_;
};

/// Returns the names of all entities that have both `X.train.csv[.gz]` and
/// `X.test.csv[.gz]` in that folder, sorted by bytes.
/// Errors: file_error (no such folder, none found, one half missing),
/// limit_reached.
result<std::vector<std::string>>
list_entities(const std::filesystem::path& folder,
              const dataset_limits& limits = {});

/// Returns the file of one entity and part ("train" or "test"): the gzip one
/// when both are there. Errors: file_error, invalid_option (the name of the
/// entity would leave the folder).
result<std::filesystem::path> entity_file(const std::filesystem::path& folder,
                                          std::string_view entity,
                                          std::string_view part);

/// Loads the first `rows_max` rows (0: all) of the training part of an entity.
/// Errors: those of `entity_file` and `table_reader`.
result<table> load_train(const std::filesystem::path& folder,
                         std::string_view entity, size_t rows_max = 0,
                         const dataset_limits& limits = {});

/// Likewise the test part, which must have labels.
result<table> load_test(const std::filesystem::path& folder,
                        std::string_view entity, size_t rows_max = 0,
                        const dataset_limits& limits = {});

} // namespace starling::experiment
