#pragma once

#include "runtime/config/document.hpp"
#include "runtime/config/value.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace starling::config {

/// One value of a TOML file and the keys that lead to it: what programs work on
/// that make files out of other files.
struct flat_entry {
  /// As in {"detector", "parameters", "smoothing_rows"}.
  std::vector<std::string> path;
  /// An array has any number of items, a single value has one.
  bool is_array = false;
  std::vector<value> items;
  /// Line of the file, from 1.
  size_t line = 0;
};

/// Returns all values of a file, in its order. Empty tables vanish.
/// Errors: invalid_option (dates, arrays of tables or of arrays).
[[nodiscard]] result<std::vector<flat_entry>> flattened(const document& from);

/// Returns entries as a TOML file, a line each, sorted by path: the same
/// entries in any order give the same bytes.
/// @pre no path leads through another one's value, and none is there twice.
[[nodiscard]] std::string to_toml(std::vector<flat_entry> entries);

/// Returns the keys as they stand before a '=': detector.name.
[[nodiscard]] std::string path_text(const std::vector<std::string>& path);

} // namespace starling::config
