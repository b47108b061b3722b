#pragma once

#include "actors/experiment/text_lines.hpp"
#include "runtime/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace starling::experiment {

/// Appends a field, in quotes where RFC 4180, section 2, rules 6 and 7 ask for
/// them.
void append_csv_field(std::string& target, std::string_view field);

/// Appends the shortest decimal that reads back as the same double.
void append_number(std::string& target, double value);
void append_number(std::string& target, int64_t value);

/// Reads a whole field as a number; anything before or after it is an error.
/// Errors: malformed_input with the text as it was found, cut to a bearable
/// length and without control characters.
result<double> read_double(std::string_view field);
result<int64_t> read_int(std::string_view field);

/// Quotes text of strangers for an error: at most 40 bytes, printable ASCII.
[[nodiscard]] std::string shown(std::string_view text);

/// Reads records whose quoted fields may hold commas, quotes and line ends
/// (RFC 4180, section 2).
class csv_records {
public:
  /// `record_max`: bytes of one record, over all its lines.
  csv_records(text_lines lines, size_t record_max);

  /// Reads the next record into `fields`. Returns false at the end.
  /// Errors: file_error, limit_reached, malformed_input.
  result<bool> next(std::vector<std::string>& fields);

  /// Where the record read last began, as in "scores.csv:12".
  [[nodiscard]] std::string place() const;

private:
  result<void> split(std::string_view record, std::vector<std::string>& fields);

  text_lines lines_;
  size_t record_max_;
  uint64_t first_line_ = 0;
  std::string line_;
  std::string record_;
};

} // namespace starling::experiment
