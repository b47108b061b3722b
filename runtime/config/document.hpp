#pragma once

#include "runtime/config/reader.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace starling::config {

struct flat_entry;

/// A parsed TOML file. Copies share the content.
///
/// What is read may come from a stranger, so it is bounded: `size_max` bytes,
/// arrays and inline tables 16 levels deep, and 250 dots in one line, because a
/// key of 100,000 parts would nest as deep and overflow the stack of whoever
/// walks the tree (toml++ 3.3 and 3.4 have no bound of their own for that).
class document {
public:
  /// 1 MiB.
  static constexpr size_t size_max = 1 << 20;

  /// Parses a text; `file_name` only names it in errors.
  /// Errors: malformed_input, as "FILE:LINE:COL: what is wrong".
  static result<document> parse(std::string_view text, std::string file_name);

  /// Reads and parses a file. Errors: file_error, malformed_input.
  static result<document> load(const std::filesystem::path& file);

  /// Returns the name as given.
  [[nodiscard]] const std::string& file() const {
    return file_;
  }

  /// Starts reading at the top. Each call starts anew: keys read through one
  /// root are unknown to another.
  [[nodiscard]] reader root() const;

private:
  friend result<std::vector<flat_entry>> flattened(const document& from);

  document(std::string file, std::shared_ptr<const parsed_toml> content)
    : file_{std::move(file)},
      content_{std::move(content)} {
    // nop
  }

  std::string file_;
  std::shared_ptr<const parsed_toml> content_;
};

} // namespace starling::config
